// Tests of ServingDomain.
