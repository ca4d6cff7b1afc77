/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Naturally aligned blocks whose size is a power of two. WP takes the facts for granted;
 * blocks.smt2 proves each of them.
 */
/*@ predicate power_size(integer size) =
      4096 <= size <= pa_limit && (size & (unsigned long)(size - 1)) == 0;

    // The word and pa are in the same block of size bytes, a power of two.
    predicate near(integer pa, integer size) = (pa ^ (4 * word)) < size;

    axiomatic shifts {
      axiom shr29: \forall integer x; 0 <= x ==> (x >> 29) == x / 0x20000000;
    }
*/

/*
 * Facts on blocks, called where they are needed.
 */
/*@ ghost
    /@ assigns \nothing;
       ensures power_size(0x100000000000000);
    @/
    void power_limit(void); */

/*@ ghost
    /@ requires pa < 0x100000000000000 && power_size(size);
       assigns \nothing;
       ensures (pa & (unsigned long)(-size)) <= 4 * word < (pa & (unsigned long)(-size)) + size <==>
	 near(pa, size);
       ensures ((pa & (unsigned long)(-size)) & (unsigned long)(size - 1)) == 0;
       ensures (pa & (unsigned long)(-size)) + size <= 0x100000000000000;
    @/
    void near_base(u64 pa, u64 size); */

/*@ ghost
    /@ requires pa < 0x100000000000000;
       assigns \nothing;
       ensures power_size(0x20000000);
       ensures near(pa, 0x20000000) ==> any_block / 64 == pa / 0x20000000;
    @/
    void near_word(u64 pa); */

/*@ ghost
    /@ requires power_size(size) && size < 0x100000000000000;
       assigns \nothing;
       ensures power_size(2 * size);
    @/
    void twice(u64 size); */

/*@ ghost
    /@ requires pa < 0x100000000000000 && power_size(size) && size < 0x100000000000000;
       requires n == size / 0x20000000 && 1 <= n;
       assigns \nothing;
       ensures below: 0 <= (((pa >> 29) & (unsigned long)(-n)) ^ n) < 0x8000000;
       ensures near(pa, 2 * size) && !near(pa, size) ==>
	 (((pa >> 29) & (unsigned long)(-n)) ^ n) <= any_block / 64 <
	 (((pa >> 29) & (unsigned long)(-n)) ^ n) + n;
    @/
    void other_half(u64 pa, u64 size, u64 n); */

/*@ // A predicate, as WP would drop an equation for any_block.
    predicate in_block(integer k) = any_block == k;

    predicate power_pages(integer n) =
      power(n, 32) || (n == 64 * (n / 64) && power(n / 64, 32));
*/

/*@ ghost
    /@ requires pa < 0x100000000000000 && power_pages(n);
       assigns \nothing;
       ensures power_size(n * 4096);
       ensures near(pa, n * 4096) ==> in_block(pa / 0x800000);
       ensures n < 64 && near(pa, n * 4096) ==>
	 any_page % 2048 / 64 == pa / 4096 % 2048 / 64 &&
	 group(pa / 4096 % 2048 % 64, n) <= any_page % 64 < group(pa / 4096 % 2048 % 64, n) + n;
       ensures 64 <= n && near(pa, n * 4096) ==>
	 group(pa / 4096 % 2048 / 64, n / 64) <= any_page % 2048 / 64 <
	 group(pa / 4096 % 2048 / 64, n / 64) + n / 64;
    @/
    void near_pages(u64 pa, unsigned int n); */

/*@ ghost
    /@ requires pa < 0x100000000000000 && power(n, 64);
       assigns \nothing;
       ensures power_size(n * 0x800000);
       ensures near(pa, n * 0x800000) ==> any_block / 64 == pa / 0x20000000 &&
	 group(pa / 0x800000 % 64, n) <= any_block % 64 < group(pa / 0x800000 % 64, n) + n;
    @/
    void near_blocks(u64 pa, unsigned int n); */
