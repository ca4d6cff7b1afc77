/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * cove-broker: releases secrets to confidential guests whose evidence a policy
 * accepts. docs/attestation.md, "Key broker". A process per connection; this file has the
 * command line and accepts, session.c talks to a guest.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker.h"

#define MAX_SESSIONS 64

#define STATUS_OK    0
#define STATUS_ERROR 1
#define STATUS_USAGE 64

static volatile sig_atomic_t stop;

/** say() - one line on stderr */
void say(const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fprintf(stderr, "cove-broker: %s\n", line);
}

static const char help[] =
	"usage: cove-broker --listen unix:PATH --policy FILE --key FILE --secrets FILE\n"
	"\n"
	"Releases secrets to confidential guests (cove run --key-server unix:PATH, with\n"
	"cove-agent inside) whose evidence the policy accepts. Each request is one line on\n"
	"standard error.\n"
	"\n"
	"  --listen unix:PATH  the socket, which only this user can use\n"
	"  --policy FILE       what evidence must say, as for `cove verify`\n"
	"  --key FILE          the broker's private key, P-384 in PEM\n"
	"  --secrets FILE      lines NAME = text WORDS, NAME = hex DIGITS or NAME = @FILE;\n"
	"                      # begins a comment\n"
	"  --help              this text\n"
	"\n"
	"exit status: 0 ended by SIGTERM or SIGINT, 1 an error, 64 wrong command line\n";

enum { OPT_LISTEN = 256, OPT_POLICY, OPT_KEY, OPT_SECRETS, OPT_HELP };

static const struct option long_options[] = {
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "policy", required_argument, NULL, OPT_POLICY },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "secrets", required_argument, NULL, OPT_SECRETS },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

static int parse_listen(const char *text, struct sockaddr_un *addr)
{
	addr->sun_family = AF_UNIX;
	if (strncmp(text, "unix:", 5) || !text[5]) {
		say("--listen %s: not unix:PATH", text);
		return -1;
	}
	if (strlen(text + 5) >= sizeof(addr->sun_path)) {
		say("--listen %s: its path is too long", text);
		return -1;
	}
	strcpy(addr->sun_path, text + 5);
	return 0;
}

static int options_parse(int argc, char **argv, struct options *opt)
{
	int c;

	memset(opt, 0, sizeof(*opt));
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		switch (c) {
		case OPT_LISTEN:
			if (parse_listen(optarg, &opt->addr))
				return -1;
			break;
		case OPT_POLICY:
			opt->policy = optarg;
			break;
		case OPT_KEY:
			opt->key = optarg;
			break;
		case OPT_SECRETS:
			opt->secrets = optarg;
			break;
		case OPT_HELP:
			fputs(help, stdout);
			exit(STATUS_OK);
		case ':':
			say("%s: needs an argument", argv[optind - 1]);
			return -1;
		default:
			say("%s: unknown option (try: cove-broker --help)", argv[optind - 1]);
			return -1;
		}
	}
	if (optind == argc && opt->addr.sun_family && opt->policy && opt->key && opt->secrets)
		return 0;
	say("--listen, --policy, --key and --secrets are needed, and nothing else "
	    "(try: cove-broker --help)");
	return -1;
}

/* A socket file that nobody listens on is left from a broker that was killed. */
static void remove_stale(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;

	if (fd >= 0 && connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) &&
	    errno == ECONNREFUSED && !lstat(addr->sun_path, &st) && S_ISSOCK(st.st_mode))
		unlink(addr->sun_path);
	if (fd >= 0)
		close(fd);
}

static int listen_on(const struct sockaddr_un *addr)
{
	int fd;

	remove_stale(addr);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	umask(0177);
	if (fd < 0 || bind(fd, (const struct sockaddr *)addr, sizeof(*addr)) || listen(fd, 16)) {
		say("--listen unix:%s: %s", addr->sun_path, strerror(errno));
		return -1;
	}
	return fd;
}

static void ended(int sig)
{
	stop = sig != SIGCHLD;
}

static void catch_signals(void)
{
	const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	struct sigaction sa = { .sa_handler = ended };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void release_signals(void)
{
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
}

/* The child's copy of keys and secrets goes with its process. */
static void start_session(int listener, int fd, struct broker *broker, unsigned int *sessions)
{
	pid_t pid = *sessions < MAX_SESSIONS ? fork() : -1;

	if (!pid) {
		release_signals();
		close(listener);
		session(broker, fd);
		_exit(STATUS_OK);
	}
	if (pid < 0)
		say("a connection is turned away: there are %u already", *sessions);
	else
		(*sessions)++;
	close(fd);
}

static void serve(int listener, struct broker *broker)
{
	unsigned int sessions = 0;

	while (!stop) {
		struct pollfd pfd = { .fd = listener, .events = POLLIN };
		int fd;

		/* a second at most, in case a child ends just before the wait */
		poll(&pfd, 1, 1000);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			sessions--;
		if (!pfd.revents)
			continue;
		fd = accept(listener, NULL, NULL);
		if (fd >= 0)
			start_session(listener, fd, broker, &sessions);
	}
}

int main(int argc, char **argv)
{
	static struct broker broker;
	struct options opt;
	int listener;

	if (options_parse(argc, argv, &opt))
		return STATUS_USAGE;
	if (broker_load(&opt, &broker))
		return STATUS_ERROR;
	listener = listen_on(&opt.addr);
	if (listener < 0)
		return STATUS_ERROR;
	catch_signals();
	say("listening on unix:%s, %u secrets", opt.addr.sun_path, broker.nsecrets);
	serve(listener, &broker);
	unlink(opt.addr.sun_path);
	return STATUS_OK;
}
