#include "host.h"
const struct test exhaust_tests[]={};DEFINE_TESTS(exhaust);
