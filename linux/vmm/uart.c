/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * ns16550a. The transmitter is always empty. Input waits in a backlog until
 * the guest enables the receive interrupt, so that what was typed or piped in
 * before its driver is up is not lost when the driver clears the FIFO.
 */
#include <string.h>

#include "vm.h"

enum { REG_DATA, REG_IER, REG_IIR, REG_LCR, REG_MCR, REG_LSR, REG_MSR, REG_SCR };

#define REG_FCR REG_IIR /* when written */

#define IER_RDI	     0x01
#define IER_THRI     0x02
#define IER_MASK     0x0f
#define IIR_NONE     0x01
#define IIR_THRI     0x02
#define IIR_RDI	     0x04
#define IIR_FIFO     0xc0
#define FCR_ENABLE   0x01
#define FCR_CLEAR_RX 0x02
#define LCR_DLAB     0x80
#define MCR_DTR	     0x01
#define MCR_RTS	     0x02
#define MCR_OUT1     0x04
#define MCR_OUT2     0x08
#define MCR_LOOP     0x10
#define LSR_DR	     0x01
#define LSR_THRE     0x20
#define LSR_TEMT     0x40
#define MSR_CTS	     0x10
#define MSR_DSR	     0x20
#define MSR_RI	     0x40
#define MSR_DCD	     0x80

#define FIFO_SIZE    16
#define BACKLOG_SIZE 4096

struct ring {
	uint8_t *data;
	size_t size;
	size_t head; /* next byte to take */
	size_t count;
};

static struct uart {
	struct vm *vm;
	unsigned int irq;
	uint8_t ier, lcr, mcr, scr, fcr;
	uint8_t divisor[2];
	bool thr_pending; /* the empty transmitter was not reported yet */
	struct ring fifo;
	struct ring backlog;
	uint8_t fifo_data[FIFO_SIZE];
	uint8_t backlog_data[BACKLOG_SIZE];
} uarts[UART_COUNT];

static void ring_put(struct ring *r, uint8_t byte)
{
	if (r->count == r->size)
		return;
	r->data[(r->head + r->count) % r->size] = byte;
	r->count++;
}

static uint8_t ring_get(struct ring *r)
{
	uint8_t byte;

	if (!r->count)
		return 0;
	byte = r->data[r->head];
	r->head = (r->head + 1) % r->size;
	r->count--;
	return byte;
}

/**
 * uart_init() - reset state of both ports
 */
void uart_init(struct vm *vm)
{
	for (unsigned int i = 0; i < UART_COUNT; i++) {
		struct uart *uart = &uarts[i];

		uart->vm = vm;
		uart->irq = i == UART_CONSOLE ? UART_IRQ : KEY_UART_IRQ;
		uart->mcr = MCR_OUT2;
		uart->fifo = (struct ring){ .data = uart->fifo_data, .size = FIFO_SIZE };
		uart->backlog = (struct ring){ .data = uart->backlog_data, .size = BACKLOG_SIZE };
	}
}

static uint8_t interrupt_id(const struct uart *uart)
{
	if (uart->ier & IER_RDI && uart->fifo.count)
		return IIR_RDI;
	if (uart->ier & IER_THRI && uart->thr_pending)
		return IIR_THRI;
	return IIR_NONE;
}

/* The next byte of the backlog; where it was full there is room again. */
static uint8_t from_backlog(struct uart *uart)
{
	if (uart->backlog.count == uart->backlog.size)
		vm_wake(uart->vm);
	return ring_get(&uart->backlog);
}

static void update(struct uart *uart)
{
	if (uart->ier & IER_RDI && !(uart->mcr & MCR_LOOP)) {
		while (uart->backlog.count && uart->fifo.count < uart->fifo.size)
			ring_put(&uart->fifo, from_backlog(uart));
	}
	plic_set_source(uart->irq, interrupt_id(uart) != IIR_NONE);
}

static uint8_t read_iir(struct uart *uart)
{
	uint8_t id = interrupt_id(uart);

	if (id == IIR_THRI) {
		uart->thr_pending = false;
		update(uart);
	}
	return id | (uart->fcr & FCR_ENABLE ? IIR_FIFO : 0);
}

static uint8_t read_data(struct uart *uart)
{
	uint8_t byte = ring_get(&uart->fifo);

	update(uart);
	return byte;
}

static uint8_t read_msr(const struct uart *uart)
{
	if (!(uart->mcr & MCR_LOOP))
		return MSR_DCD | MSR_DSR | MSR_CTS;
	return (uart->mcr & MCR_RTS ? MSR_CTS : 0) | (uart->mcr & MCR_DTR ? MSR_DSR : 0) |
	       (uart->mcr & MCR_OUT1 ? MSR_RI : 0) | (uart->mcr & MCR_OUT2 ? MSR_DCD : 0);
}

/**
 * uart_read() - load from register @reg (0..7)
 */
uint8_t uart_read(enum uart_port port, unsigned int reg)
{
	struct uart *uart = &uarts[port];
	bool dlab = uart->lcr & LCR_DLAB;

	switch (reg) {
	case REG_DATA:
		return dlab ? uart->divisor[0] : read_data(uart);
	case REG_IER:
		return dlab ? uart->divisor[1] : uart->ier;
	case REG_IIR:
		return read_iir(uart);
	case REG_LCR:
		return uart->lcr;
	case REG_MCR:
		return uart->mcr;
	case REG_LSR:
		return LSR_THRE | LSR_TEMT | (uart->fifo.count ? LSR_DR : 0);
	case REG_MSR:
		return read_msr(uart);
	case REG_SCR:
		return uart->scr;
	default:
		return 0;
	}
}

static int write_data(struct uart *uart, uint8_t value)
{
	int out = value;

	uart->thr_pending = true;
	if (uart->mcr & MCR_LOOP) {
		ring_put(&uart->fifo, value);
		out = -1;
	}
	update(uart);
	return out;
}

static void write_ier(struct uart *uart, uint8_t value)
{
	if (value & ~uart->ier & IER_THRI)
		uart->thr_pending = true;
	uart->ier = value & IER_MASK;
	update(uart);
}

static void write_fcr(struct uart *uart, uint8_t value)
{
	/*
	 * Hardware also empties the FIFO when it is switched on or off. Linux
	 * does that with the receive interrupt enabled: input would be lost.
	 */
	if (value & FCR_CLEAR_RX)
		uart->fifo.count = 0;
	uart->fcr = value;
	update(uart);
}

/**
 * uart_write() - store to register @reg (0..7)
 *
 * Returns the byte to be sent, for the caller to write when it has released
 * dev_lock, or -1.
 */
int uart_write(enum uart_port port, unsigned int reg, uint8_t value)
{
	struct uart *uart = &uarts[port];
	bool dlab = uart->lcr & LCR_DLAB;

	switch (reg) {
	case REG_DATA:
		if (!dlab)
			return write_data(uart, value);
		uart->divisor[0] = value;
		break;
	case REG_IER:
		if (dlab)
			uart->divisor[1] = value;
		else
			write_ier(uart, value);
		break;
	case REG_FCR:
		write_fcr(uart, value);
		break;
	case REG_LCR:
		uart->lcr = value;
		break;
	case REG_MCR:
		uart->mcr = value;
		update(uart);
		break;
	case REG_SCR:
		uart->scr = value;
		break;
	default:
		break;
	}
	return -1;
}

/**
 * uart_input_room() - bytes that uart_input() takes now
 *
 * After 0, vm_wake() is called when there is room again.
 */
size_t uart_input_room(enum uart_port port)
{
	const struct uart *uart = &uarts[port];

	return uart->backlog.size - uart->backlog.count;
}

/**
 * uart_input() - bytes for the guest
 * @len: at most uart_input_room()
 */
void uart_input(enum uart_port port, const uint8_t *data, size_t len)
{
	struct uart *uart = &uarts[port];

	for (size_t i = 0; i < len; i++)
		ring_put(&uart->backlog, data[i]);
	update(uart);
}

/**
 * uart_take() - input for the guest that it asks for in another way than by this port
 *
 * Returns the number of bytes, at most @len.
 */
size_t uart_take(enum uart_port port, uint8_t *data, size_t len)
{
	struct uart *uart = &uarts[port];
	size_t n = 0;

	while (n < len && (uart->fifo.count || uart->backlog.count))
		data[n++] = uart->fifo.count ? ring_get(&uart->fifo) : from_backlog(uart);
	update(uart);
	return n;
}
