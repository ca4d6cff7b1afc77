#include "host.h"
const struct test measure_tests[]={};DEFINE_TESTS(measure);
