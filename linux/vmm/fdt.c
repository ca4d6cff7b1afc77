/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * The guest's device tree. It is measured, so nothing may be in it but what
 * follows from the command line, the files' sizes and the host's facts.
 */
#include <stdio.h>
#include <string.h>

#include <libfdt.h>

#include "vm.h"

#define PHANDLE_PLIC   1
#define PHANDLE_CPU(i) (2 + (i))
#define IRQ_S_EXT      9

/* Collects the first error, so that the calls below read like the tree. */
struct builder {
	void *fdt;
	int error;
};

static void check(struct builder *b, int ret)
{
	if (ret < 0 && !b->error)
		b->error = ret;
}

static void begin(struct builder *b, const char *name)
{
	check(b, fdt_begin_node(b->fdt, name));
}

static void end(struct builder *b)
{
	check(b, fdt_end_node(b->fdt));
}

static void prop_str(struct builder *b, const char *name, const char *value)
{
	check(b, fdt_property_string(b->fdt, name, value));
}

static void prop_u32(struct builder *b, const char *name, uint32_t value)
{
	check(b, fdt_property_u32(b->fdt, name, value));
}

static void prop_u64(struct builder *b, const char *name, uint64_t value)
{
	check(b, fdt_property_u64(b->fdt, name, value));
}

static void prop_reg(struct builder *b, uint64_t base, uint64_t size)
{
	fdt64_t reg[2] = { cpu_to_fdt64(base), cpu_to_fdt64(size) };

	check(b, fdt_property(b->fdt, "reg", reg, sizeof(reg)));
}

static void prop_flag(struct builder *b, const char *name)
{
	check(b, fdt_property(b->fdt, name, "", 0));
}

static void add_chosen(struct builder *b, const struct vm_options *opt,
		       const struct guest_image *image)
{
	const struct component *initrd = &image->comp[COMP_INITRD];

	begin(b, "chosen");
	if (opt->append)
		prop_str(b, "bootargs", opt->append);
	prop_str(b, "stdout-path", "/soc/serial@10000000");
	if (image->initrd_size) {
		prop_u64(b, "linux,initrd-start", initrd->gpa);
		prop_u64(b, "linux,initrd-end", initrd->gpa + image->initrd_size);
	}
	end(b);
}

static void add_memory(struct builder *b, const struct vm_options *opt)
{
	begin(b, "memory@80000000");
	prop_str(b, "device_type", "memory");
	prop_reg(b, RAM_BASE, opt->memory);
	end(b);
}

static void add_cpu(struct builder *b, unsigned int id, const struct host_facts *facts)
{
	char exts[sizeof(facts->isa)], name[32];
	unsigned int len = isa_extensions(facts->isa, exts, sizeof(exts));

	snprintf(name, sizeof(name), "cpu@%x", id);
	begin(b, name);
	prop_str(b, "device_type", "cpu");
	prop_u32(b, "reg", id);
	prop_str(b, "status", "okay");
	prop_str(b, "compatible", "riscv");
	prop_str(b, "riscv,isa", facts->isa);
	prop_str(b, "riscv,isa-base", "rv64i");
	check(b, fdt_property(b->fdt, "riscv,isa-extensions", exts, len));
	if (isa_has(facts->isa, "zicbom"))
		prop_u32(b, "riscv,cbom-block-size", facts->cbom_block);
	if (isa_has(facts->isa, "zicboz"))
		prop_u32(b, "riscv,cboz-block-size", facts->cboz_block);
	snprintf(name, sizeof(name), "riscv,%s", facts->mmu);
	prop_str(b, "mmu-type", name);

	begin(b, "interrupt-controller");
	prop_str(b, "compatible", "riscv,cpu-intc");
	prop_flag(b, "interrupt-controller");
	prop_u32(b, "#address-cells", 0);
	prop_u32(b, "#interrupt-cells", 1);
	prop_u32(b, "phandle", PHANDLE_CPU(id));
	end(b);
	end(b);
}

static void add_cpus(struct builder *b, const struct vm_options *opt,
		     const struct host_facts *facts)
{
	begin(b, "cpus");
	prop_u32(b, "#address-cells", 1);
	prop_u32(b, "#size-cells", 0);
	prop_u32(b, "timebase-frequency", facts->timebase);
	for (unsigned int i = 0; i < opt->cpus; i++)
		add_cpu(b, i, facts);
	end(b);
}

static void add_plic(struct builder *b, const struct vm_options *opt)
{
	static const char compatible[] = "sifive,plic-1.0.0\0riscv,plic0";
	fdt32_t contexts[VM_MAX_CPUS][2];

	for (unsigned int i = 0; i < opt->cpus; i++) {
		contexts[i][0] = cpu_to_fdt32(PHANDLE_CPU(i));
		contexts[i][1] = cpu_to_fdt32(IRQ_S_EXT);
	}
	begin(b, "interrupt-controller@c000000");
	check(b, fdt_property(b->fdt, "compatible", compatible, sizeof(compatible)));
	prop_reg(b, PLIC_BASE, PLIC_SIZE);
	prop_flag(b, "interrupt-controller");
	prop_u32(b, "#interrupt-cells", 1);
	prop_u32(b, "#address-cells", 0);
	prop_u32(b, "riscv,ndev", PLIC_SOURCES);
	check(b, fdt_property(b->fdt, "interrupts-extended", contexts,
			      opt->cpus * sizeof(contexts[0])));
	prop_u32(b, "phandle", PHANDLE_PLIC);
	end(b);
}

static void add_uart(struct builder *b, const char *name, uint64_t base, unsigned int irq)
{
	begin(b, name);
	prop_str(b, "compatible", "ns16550a");
	prop_reg(b, base, UART_SIZE);
	prop_u32(b, "reg-shift", 0);
	prop_u32(b, "clock-frequency", UART_CLOCK);
	prop_u32(b, "interrupt-parent", PHANDLE_PLIC);
	prop_u32(b, "interrupts", irq);
	end(b);
}

/* Its size is the host's to say, later: only that there is a disk is measured. */
static void add_disk(struct builder *b)
{
	begin(b, "disk@10001000");
	prop_str(b, "compatible", "covesbi,shared-disk");
	prop_reg(b, DISK_BASE, DISK_SIZE);
	end(b);
}

static void add_root(struct builder *b, const struct vm_options *opt,
		     const struct host_facts *facts, const struct guest_image *image)
{
	begin(b, "");
	prop_u32(b, "#address-cells", 2);
	prop_u32(b, "#size-cells", 2);
	prop_str(b, "compatible", "covesbi,virt");
	prop_str(b, "model", "CoveSBI virtual machine");
	add_chosen(b, opt, image);
	add_memory(b, opt);
	add_cpus(b, opt, facts);
	begin(b, "soc");
	prop_u32(b, "#address-cells", 2);
	prop_u32(b, "#size-cells", 2);
	prop_str(b, "compatible", "simple-bus");
	prop_flag(b, "ranges");
	add_plic(b, opt);
	add_uart(b, "serial@10000000", UART_BASE, UART_IRQ);
	if (opt->disk)
		add_disk(b);
	if (opt->key_server)
		add_uart(b, "serial@10002000", KEY_UART_BASE, KEY_UART_IRQ);
	end(b);
	end(b);
}

/**
 * fdt_build() - write the guest's device tree blob
 * @image: the kernel and initrd are placed
 *
 * Returns the blob's size in bytes, or -1 after an error message.
 */
int fdt_build(const struct vm_options *opt, const struct host_facts *facts,
	      const struct guest_image *image, void *buf, size_t size)
{
	struct builder b = { .fdt = buf };

	check(&b, fdt_create(buf, size));
	check(&b, fdt_finish_reservemap(buf));
	add_root(&b, opt, facts, image);
	check(&b, fdt_finish(buf));
	if (b.error) {
		err("device tree: %s", fdt_strerror(b.error));
		return -1;
	}
	return fdt_totalsize(buf);
}
