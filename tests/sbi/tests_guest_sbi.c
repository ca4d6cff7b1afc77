#include "host.h"
const struct test guest_sbi_tests[]={};DEFINE_TESTS(guest_sbi);
