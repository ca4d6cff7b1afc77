// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * What the monitor measures of itself and of its platform, and the identity
 * that this boot gets (docs/measurement.md, firmware).
 */
#include "cove_platform.h"
#include <cove_arena.h>
#include <cove_dice.h>
#include <cove_hart_features.h>
#include <cove_version.h>
#include <sbi/sbi_console.h>
#include <sbi/sbi_hart.h>
#include <sbi/sbi_string.h>
#include <sbi/sbi_version.h>

#define CONFIG_LABEL	 "cove-platform-v1"
#define CONFIG_LABEL_LEN 16
#define CONFIG_FIELDS	 11
#define FIRMWARE_VERSION                                           \
	"OpenSBI " COVE_TEXT(OPENSBI_VERSION_MAJOR) "." COVE_TEXT( \
		OPENSBI_VERSION_MINOR) " CoveSBI " COVE_TSM_VERSION

/** struct cove_image_mark - cove_image.S */
struct cove_image_mark {
	char magic[16];
	u64 measured;
};

extern const struct cove_image_mark cove_image_mark;
extern const u8 _fw_start[];

/* Everything but data that may be written: that is the same wherever the image was loaded. */
static void image_digest(u8 *digest)
{
	cove_sha384(_fw_start, cove_image_mark.measured, digest);
}

static u64 feature_bits(const struct cove_hart_features *f)
{
	const bool bits[] = { f->sstc, f->smstateen, f->envcfg, f->aia, f->vsiselect, f->ctr,
			      f->fp,   f->v,	     f->htinst, f->jvt, f->scontext };
	u64 word = 0;
	unsigned int i;

	for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		word |= (u64)bits[i] << i;
	return word;
}

static void config_digest(const struct cove_hart_features *f, u8 *digest)
{
	const u64 field[CONFIG_FIELDS] = {
		OPENSBI_VERSION_MAJOR, OPENSBI_VERSION_MINOR, csr_read(CSR_MVENDORID),
		csr_read(CSR_MARCHID), csr_read(CSR_MIMPID),  csr_read(CSR_MISA),
		cove.pmp.entries,      f->gstage_mode,	      f->vlenb,
		f->cbom_block,	       feature_bits(f),
	};
	u8 text[CONFIG_LABEL_LEN + 8 * CONFIG_FIELDS];
	unsigned int i;

	sbi_memcpy(text, CONFIG_LABEL, CONFIG_LABEL_LEN);
	for (i = 0; i < 8 * CONFIG_FIELDS; i++)
		text[CONFIG_LABEL_LEN + i] = (u8)(field[i / 8] >> (8 * (i % 8)));
	cove_sha384(text, sizeof(text), digest);
}

static const char *state_name(u32 state)
{
	static const char *const names[] = { "not configured", "secured", "DEBUG", "recovery" };

	return names[state - COVE_ROT_NOT_CONFIGURED];
}

void cove_identity_boot(const struct cove_hart_features *features)
{
	struct cove_boot_layers layers = { .firmware_version = FIRMWARE_VERSION };
	char id[2 * COVE_ID_LEN + 1] = { 0 };
	struct cove_rot rot;
	long rc = cove_rot_read(&rot);

	if (!rc) {
		image_digest(layers.image);
		config_digest(features, layers.config);
		rc = cove_dice_boot(&rot, &layers);
	}
	cove_wipe(&rot, sizeof(rot));
	if (rc) {
		sbi_printf("CoveSBI: attestation is off: the root of trust cannot be used (%ld)\n",
			   rc);
		return;
	}
	cove_hex(cove_identity()->tsm[COVE_ES384].id, COVE_ID_LEN, id);
	sbi_printf("CoveSBI: attestation: TSM %s, platform state %s\n", id,
		   state_name(cove_identity()->state));
	if (cove_identity()->state == COVE_ROT_DEBUG)
		sbi_printf("CoveSBI: WARNING: in state debug evidence of this machine proves "
			   "nothing\n");
}
