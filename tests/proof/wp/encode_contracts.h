/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Contracts of the encoder, which the plans call.
 */
/*@ requires regions: nregions <= 64 && \valid_read(regions + (0 .. nregions - 1));
    requires out: \valid(out);
    requires apart: \separated(regions + (0 .. nregions - 1), out);
    assigns out->n, out->entry[\old(out->n) .. 63];
    ensures result: \result == 0 || \result == -1 || \result == -3;
    ensures kept: \forall integer k; 0 <= k < \old(out->n) && k < 64 ==>
      out->entry[k].addr == \old(out->entry[k].addr) &&
      out->entry[k].cfg == \old(out->entry[k].cfg);
    ensures error: \result != 0 ==> out->n == \old(out->n);
    ensures room: \result == 0 ==> \old(out->n) <= out->n <= max && out->n <= 64 &&
      out->n <= \old(out->n) + 2 * nregions;
    ensures valid: \result == 0 ==>
      \forall integer k; 0 <= k < nregions ==> region_ok{Pre}(&regions[k]);
    ensures first: \result == 0 && \old(out->n) < out->n &&
      (\old(out->n) == 0 || !\old(tor(&out->entry[out->n - 1]))) ==>
	!tor(&out->entry[\old(out->n)]);
    ensures verdict: \result == 0 ==> \forall integer p;
      decides{Pre}(regions, nregions, word, p) ==>
	verdict(&out->entry[0], \old(out->n), out->n, word, p);
*/
int pmp_encode(const struct pmp_region *regions, unsigned int nregions, unsigned int max,
	       struct pmp_config *out);

/*@ requires \valid_read(regions + (0 .. nregions - 1)) && nregions <= 64;
    assigns \nothing;
    ensures \result == 0xffff || \result <= 2 * nregions;
*/
unsigned int pmp_encode_count(const struct pmp_region *regions, unsigned int nregions);
