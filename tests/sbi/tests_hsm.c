#include "host.h"
const struct test hsm_tests[]={};DEFINE_TESTS(hsm);
