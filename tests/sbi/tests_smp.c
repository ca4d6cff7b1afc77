#include "host.h"
const struct test smp_tests[]={};DEFINE_TESTS(smp);
