#include "embedded_facts.h"
