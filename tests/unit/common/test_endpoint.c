#include "support/test.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/endpoint.h"

struct fixture {
	char race[64];
	char path[80];
	struct err err;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	if (f == NULL)
		return -1;
	strcpy(f->race, "/tmp/palmares-endpoint-XXXXXX");
	if (mkdtemp(f->race) == NULL) {
		free(f);
		return -1;
	}
	snprintf(f->path, sizeof f->path, "%s/endpoint", f->race);
	unsetenv("PALMARES_AGGREGATOR");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	int rc;

	unsetenv("PALMARES_AGGREGATOR");
	unlink(f->path);
	rc = rmdir(f->race);
	free(f);
	return rc;
}

static void
write_bytes(struct fixture *f, const char *bytes, size_t len)
{
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void
write_line(struct fixture *f, const char *line)
{
	write_bytes(f, line, strlen(line));
}

static void
hosts_and_ports_are_read(void **state)
{
	static const struct {
		const char *text;
		const char *host;
		int base;
		const char *url;
	} good[] = {
		{ "127.0.0.1", "127.0.0.1", 5570, "tcp://127.0.0.1:5572" },
		{ "127.0.0.1:6000", "127.0.0.1", 6000, "tcp://127.0.0.1:6002" },
		{ "localhost:1", "localhost", 1, "tcp://127.0.0.1:3" },
		{ "0.0.0.0:65532", "0.0.0.0", 65532, "tcp://0.0.0.0:65534" },
		{ "*", "*", 5570, "tcp://*:5572" },
		{ "*:7000", "*", 7000, "tcp://*:7002" },
		{ "127.0.0.1:0", "127.0.0.1", 0, "tcp://127.0.0.1:*" },
		{ "timing-1.example.org:80", "timing-1.example.org", 80,
		    "tcp://timing-1.example.org:82" },
		{ "::1", "::1", 5570, "tcp://[::1]:5572" },
		{ "[::1]", "::1", 5570, "tcp://[::1]:5572" },
		{ "[::1]:6000", "::1", 6000, "tcp://[::1]:6002" },
		{ "[fe80::1%eth0]:6000", "fe80::1%eth0", 6000,
		    "tcp://[fe80::1%eth0]:6002" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct endpoint e;
		struct err err = { "" };
		char url[ENDPOINT_URL];

		if (endpoint_parse(&e, good[i].text, true, &err) != 0)
			fail_msg("%s", err.text);
		assert_string_equal(e.host, good[i].host);
		assert_int_equal(e.base, good[i].base);
		endpoint_url(url, &e, ENDPOINT_SNAPSHOTS);
		assert_string_equal(url, good[i].url);
	}
}

static void
what_is_no_endpoint_is_quoted(void **state)
{
	static const char *const bad[] = { "", ":5570", "5570",
		"host:", "host:0", "host:65533", "host:99999", "host:-1",
		"host:+1", "host: 1", "host:1x", "host:000000001",
		"tcp://host:5570", "256.1.1.1:5570", "1.2.3:5570", "h ost:5570",
		"h\nost", "caf\xc3\xa9:5570", "[::1", "[::1]5570",
		"[::1]:", "[host]:5570", "[127.0.0.1]:5570", "[]:5570",
		"host:1:2", "::g", "**", "*x:1", "[%]:5570" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct endpoint e = { .host = "untouched", .base = -7 };
		struct err err = { "" };

		if (endpoint_parse(&e, bad[i], false, &err) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_memory_equal(err.text, bad[i], strlen(bad[i]));
		assert_string_equal(e.host, "untouched");
		assert_int_equal(e.base, -7);
	}
}

static void
a_host_is_as_long_as_its_field(void **state)
{
	struct endpoint e;
	struct err err;
	char text[300];
	char url[ENDPOINT_URL];

	(void)state;
	memset(text, 'h', sizeof text);
	memcpy(text + 255, ":65532", sizeof ":65532");
	assert_int_equal(endpoint_parse(&e, text, false, &err), 0);
	assert_int_equal(strlen(e.host), 255);
	endpoint_url(url, &e, ENDPOINT_CONTROL);
	assert_string_equal(url + strlen("tcp://") + 255, ":65535");
	memset(text, 'h', sizeof text);
	memcpy(text + 256, ":65532", sizeof ":65532");
	assert_int_equal(endpoint_parse(&e, text, false, &err), -EINVAL);
}

static void
a_free_port_is_asked_for_only_where_that_is_allowed(void **state)
{
	struct endpoint e;
	struct err err;

	(void)state;
	assert_int_equal(endpoint_parse(&e, "host:0", true, &err), 0);
	assert_int_equal(e.base, 0);
	assert_int_equal(endpoint_parse(&e, "host:0", false, &err), -EINVAL);
}

static void
loopback_is_what_only_this_machine_reaches(void **state)
{
	static const struct {
		const char *host;
		bool loopback;
	} cases[] = {
		{ "127.0.0.1", true },
		{ "127.200.3.4", true },
		{ "localhost", true },
		{ "LocalHost", true },
		{ "::1", true },
		{ "0:0:0:0:0:0:0:1", true },
		{ "0.0.0.0", false },
		{ "126.0.0.1", false },
		{ "128.0.0.1", false },
		{ "10.0.0.2", false },
		{ "::", false },
		{ "::2", false },
		{ "*", false },
		{ "localhost.example.org", false },
		{ "127.example.org", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct endpoint e;
		struct err err;

		assert_int_equal(endpoint_parse(&e, cases[i].host, false, &err),
		    0);
		if (endpoint_loopback(&e) != cases[i].loopback)
			fail_msg("%s", cases[i].host);
	}
}

static void
assert_found(struct fixture *f, const char *option, const char *race,
    const char *host, int base)
{
	struct endpoint e;

	if (endpoint_find(&e, option, race, &f->err) != 0)
		fail_msg("%s", f->err.text);
	assert_string_equal(e.host, host);
	assert_int_equal(e.base, base);
}

static void
the_option_wins_then_the_variable_then_the_file(void **state)
{
	struct fixture *f = *state;

	write_line(f, "127.0.0.3:3000\n");
	setenv("PALMARES_AGGREGATOR", "127.0.0.2:2000", 1);
	assert_found(f, "127.0.0.1:1000", f->race, "127.0.0.1", 1000);
	assert_found(f, NULL, f->race, "127.0.0.2", 2000);
	setenv("PALMARES_AGGREGATOR", "", 1);
	assert_found(f, NULL, f->race, "127.0.0.3", 3000);
	unsetenv("PALMARES_AGGREGATOR");
	assert_found(f, NULL, f->race, "127.0.0.3", 3000);
	assert_found(f, NULL, NULL, "127.0.0.1", 5570);
	unlink(f->path);
	assert_found(f, NULL, f->race, "127.0.0.1", 5570);
}

static void
an_endpoint_that_is_written_is_found(void **state)
{
	static const char *const texts[] = { "127.0.0.1:6000", "[::1]:6001",
		"timing:6002" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct endpoint e;

		assert_int_equal(endpoint_parse(&e, texts[i], false, &f->err),
		    0);
		assert_int_equal(endpoint_write(&e, f->race, &f->err), 0);
		assert_found(f, NULL, f->race, e.host, e.base);
	}
}

static void
listening_everywhere_is_found_on_this_machine(void **state)
{
	struct fixture *f = *state;

	write_line(f, "*:6000\n");
	assert_found(f, NULL, f->race, "127.0.0.1", 6000);
	write_line(f, "0.0.0.0:6001\n");
	assert_found(f, NULL, f->race, "127.0.0.1", 6001);
	write_line(f, "[::]:6002\n");
	assert_found(f, NULL, f->race, "::1", 6002);
}

static void
a_mistake_is_told_with_its_place(void **state)
{
	struct fixture *f = *state;
	struct endpoint e;

	assert_int_equal(endpoint_find(&e, "x:y", f->race, &f->err), -EINVAL);
	assert_memory_equal(f->err.text, "--aggregator: x:y: ", 19);
	setenv("PALMARES_AGGREGATOR", "x:y", 1);
	assert_int_equal(endpoint_find(&e, NULL, f->race, &f->err), -EINVAL);
	assert_memory_equal(f->err.text, "PALMARES_AGGREGATOR: x:y: ", 26);
}

static void
a_damaged_file_is_an_error_and_not_a_missing_one(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = { { "", 0 }, { "\n", 1 }, { "127.0.0.1", 4 },
		{ "h:1\nh:2\n", 8 }, { "h:1\0\n", 5 }, { "h:0\n", 4 },
		{ "h:1\n\n", 5 } };
	struct fixture *f = *state;
	struct endpoint e;
	char large[600];

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		write_bytes(f, bad[i].bytes, bad[i].len);
		assert_int_equal(endpoint_find(&e, NULL, f->race, &f->err),
		    -EINVAL);
		assert_non_null(strstr(f->err.text, f->path));
	}
	memset(large, 'h', sizeof large);
	write_bytes(f, large, sizeof large);
	assert_int_equal(endpoint_find(&e, NULL, f->race, &f->err), -EFBIG);
	assert_non_null(strstr(f->err.text, f->path));
}

static void
a_file_that_cannot_be_read_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct endpoint e;

	assert_int_equal(mkdir(f->path, 0755), 0);
	assert_int_equal(endpoint_find(&e, NULL, f->race, &f->err), -EISDIR);
	assert_non_null(strstr(f->err.text, f->path));
	assert_int_equal(rmdir(f->path), 0);
}

static void
where_it_was_last_is_kept_until_a_file_says_more(void **state)
{
	struct fixture *f = *state;
	struct endpoint at = { .host = "timing", .base = 6000 };

	assert_false(endpoint_again(&at, NULL, NULL));
	assert_false(endpoint_again(&at, NULL, f->race));
	write_bytes(f, "h:", 2);
	assert_false(endpoint_again(&at, NULL, f->race));
	write_line(f, "timing:6000");
	assert_false(endpoint_again(&at, NULL, f->race));
	assert_string_equal(at.host, "timing");
	assert_int_equal(at.base, 6000);
	write_line(f, "timing:6004");
	assert_true(endpoint_again(&at, NULL, f->race));
	assert_int_equal(at.base, 6004);
	write_line(f, "else:6004");
	assert_true(endpoint_again(&at, NULL, f->race));
	assert_string_equal(at.host, "else");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hosts_and_ports_are_read),
		TEST(what_is_no_endpoint_is_quoted),
		TEST(a_host_is_as_long_as_its_field),
		TEST(a_free_port_is_asked_for_only_where_that_is_allowed),
		TEST(loopback_is_what_only_this_machine_reaches),
		TEST(the_option_wins_then_the_variable_then_the_file),
		TEST(an_endpoint_that_is_written_is_found),
		TEST(listening_everywhere_is_found_on_this_machine),
		TEST(a_mistake_is_told_with_its_place),
		TEST(a_damaged_file_is_an_error_and_not_a_missing_one),
		TEST(a_file_that_cannot_be_read_is_an_error),
		TEST(where_it_was_last_is_kept_until_a_file_says_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
