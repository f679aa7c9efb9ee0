#include "support/test.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "race/conf.h"
#include "race/conf_columns.h"

struct fixture {
	char path[64];
	const char *name; /* of the file, without its folder */
	struct conf_sheet sheet;
	struct conf_roll roll;
	struct conf_report report;
};

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);
	int fd;

	(void)snprintf(f->path, sizeof f->path, "/tmp/test_sheet.XXXXXX");
	fd = mkstemp(f->path);
	assert_true(fd >= 0);
	(void)close(fd);
	f->name = f->path + strlen("/tmp/");
	*state = f;
	return 0;
}

static void
forget(struct fixture *f)
{
	conf_report_clear(&f->report);
	conf_roll_clear(&f->roll);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	forget(f);
	(void)unlink(f->path);
	free(f);
	return 0;
}

static int
read_bytes(struct fixture *f, const char *bytes, size_t len)
{
	FILE *file = fopen(f->path, "wb");
	int rc;

	forget(f);
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	rc = conf_sheet(f->path, NULL, &f->sheet, &f->roll, &f->report);
	assert_int_equal(rc, f->report.errors > 0 ? -EINVAL : 0);
	return rc;
}

static int
read_text(struct fixture *f, const char *text)
{
	return read_bytes(f, text, strlen(text));
}

static void
assert_told(const struct fixture *f, unsigned line, const char *words)
{
	for (size_t i = 0; i < f->report.count; i++) {
		const struct conf_problem *p = &f->report.problems[i];

		assert_string_equal(p->file, f->name);
		if (p->line == line && strstr(p->text, words) != NULL)
			return;
	}
	for (size_t i = 0; i < f->report.count; i++)
		print_message("%u: %s\n", f->report.problems[i].line,
		    f->report.problems[i].text);
	fail_msg("nothing on line %u says \"%s\"", line, words);
}

static void
assert_quiet(const struct fixture *f)
{
	for (size_t i = 0; i < f->report.count; i++)
		print_message("%u: %s\n", f->report.problems[i].line,
		    f->report.problems[i].text);
	assert_int_equal(f->report.count, 0);
}

/* The key of each column, in order, between blanks. */
static void
assert_keys(const struct fixture *f, const char *keys)
{
	char *all = xstrdup("");

	for (size_t i = 0; i < f->sheet.count; i++) {
		const char *key = f->sheet.columns[i].key;
		char *longer = xasprintf("%s%s%s", all, i > 0 ? " " : "",
		    *key != '\0' ? key : "-");

		free(all);
		all = longer;
	}
	assert_string_equal(all, keys);
	free(all);
}

static const struct race_entry *
entry(const struct fixture *f, size_t i)
{
	assert_true(i < f->roll.count);
	return &f->roll.entries[i];
}

/* ---- columns ---- */

static void
a_registration_sheet_in_french_is_read(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f,
	                     "\xef\xbb\xbf"
	                     "N° dossard;Nom;Prénom;Sexe;Date de naissance;"
	                     "Catégorie;Entreprise;Nationalité;Ville\r\n"
	                     "12;DUPONT;Élise;Femme;23/05/1984;SE;"
	                     "\"Bristol; Myers\";FRA;Paris\r\n"
	                     ";;;;;;;;\r\n"
	                     "13;Legeay;Fabrice;H;01.12.1979;M1;PMU;;\r\n"),
	    0);
	assert_keys(f, "bib last first sex born category team nation -");
	assert_int_equal(f->sheet.separator, ';');
	assert_int_equal(f->sheet.line, 1);
	assert_int_equal(f->roll.count, 2);
	assert_string_equal(entry(f, 0)->bib, "12");
	assert_string_equal(entry(f, 0)->name, "Élise DUPONT");
	assert_string_equal(entry(f, 0)->sex, "F");
	assert_string_equal(entry(f, 0)->born, "1984-05-23");
	assert_string_equal(entry(f, 0)->team, "Bristol; Myers");
	assert_string_equal(entry(f, 0)->more[0].name, "Ville");
	assert_string_equal(entry(f, 0)->more[0].value, "Paris");
	assert_string_equal(entry(f, 1)->sex, "M");
	assert_string_equal(entry(f, 1)->born, "1979-12-01");
	assert_int_equal(f->roll.lines[1], 4);
	assert_quiet(f);
}

static void
a_sheet_of_windows_with_tabs_is_read(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f,
	                     "Dossard\tNom complet\tSexe\t\xc9quipe\n"
	                     "7\tAm\xe9lie N\x9cuf\tf\tSoci\xe9t\xe9\n"),
	    0);
	assert_keys(f, "bib name sex team");
	assert_int_equal(f->sheet.separator, '\t');
	assert_string_equal(entry(f, 0)->name, "Amélie Nœuf");
	assert_string_equal(entry(f, 0)->team, "Société");
	assert_told(f, 1, "CP1252");
	assert_int_equal(f->report.count, 1);
}

static void
an_english_sheet_is_read(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f,
	                     "Bib Number,First Name,Surname,Gender,YOB,"
	                     "Age Group,Club,Corral,Country,RFID\n"
	                     "007,Jane,Doe,Female,1984,V40,,A,GBR,00ab;cd\n"),
	    0);
	assert_keys(f,
	    "bib first last sex born category team wave nation chip");
	assert_string_equal(entry(f, 0)->bib, "007");
	assert_string_equal(entry(f, 0)->name, "Jane Doe");
	assert_string_equal(entry(f, 0)->sex, "F");
	assert_string_equal(entry(f, 0)->wave, "A");
	assert_int_equal(entry(f, 0)->chip_count, 2);
	assert_string_equal(entry(f, 0)->chips[0], "AB");
	assert_quiet(f);
}

static void
nom_is_the_last_name_only_beside_a_first_name(void **state)
{
	struct fixture *f = *state;

	read_text(f, "dossard,nom\n1,Élise Dupont\n");
	assert_keys(f, "bib name");
	assert_string_equal(entry(f, 0)->name, "Élise Dupont");
	read_text(f, "dossard,NOM,prenom\n1,Dupont,Élise\n");
	assert_keys(f, "bib last first");
	assert_string_equal(entry(f, 0)->name, "Élise Dupont");
	read_text(f, "bib,First name,Name\n1,Élise,Dupont\n");
	assert_keys(f, "bib first last");
	assert_string_equal(entry(f, 0)->name, "Élise Dupont");
	/* the form of entries.csv: the parts are other columns */
	read_text(f, "bib,name,first\n1,Élise Dupont,Élise\n");
	assert_keys(f, "bib name -");
	assert_string_equal(entry(f, 0)->name, "Élise Dupont");
}

static void
every_synonym_means_its_column(void **state)
{
	static const struct {
		const char *key;
		const char *heads;
	} all[] = {
		{ "bib",
		    "dossard|n°|No|num|Numéro|number|bib number|"
		    "start number|startnr|Nº|N° de dossard" },
		{ "name",
		    "Nom complet|nom et prénom|participant|Runner|"
		    "athlete|Full Name|Nom & Prénom" },
		{ "first", "prénom|PRENOM|firstname|First name|given name" },
		{ "last", "nom de famille|surname|lastname|family name" },
		{ "sex", "sexe|genre|gender|S|H/F" },
		{ "born",
		    "né le|née le|Né(e) le|naissance|"
		    "Date de naissance|année de naissance|année|birth|"
		    "birthdate|dob|Date of birth|yob|year" },
		{ "category",
		    "catégorie|Cat.|class|classe|age group|"
		    "division" },
		{ "team",
		    "club|Équipe|entreprise|société|company|"
		    "organisation" },
		{ "wave", "vague|sas|départ|start group|corral" },
		{ "nation", "nationalité|nat|pays|country" },
		{ "chip", "puce|transpondeur|transponder|tag|EPC|rfid" },
		{ "status", "statut|état" },
		{ "start",
		    "Heure de départ|heure départ|H. départ|start time" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		char *heads = xstrdup(all[i].heads);
		char *rest = heads;
		char *head;

		while ((head = strsep(&rest, "|")) != NULL) {
			enum conf_column kind;
			size_t a;
			size_t b;

			assert_true(conf_columns_map(&head, 1, &kind, &a, &b));
			if (kind >= CONF_COLUMNS ||
			    strcmp(conf_column_names[kind], all[i].key) != 0)
				fail_msg("%s is not the %s", head, all[i].key);
			/* entries.csv has a fixed form */
			assert_int_equal(conf_column_exact(head), CONF_MORE);
		}
		free(heads);
	}
}

static void
two_columns_of_one_meaning_are_both_named(void **state)
{
	struct fixture *f = *state;

	read_text(f, "Dossard;Nom;Club;Entreprise\n1;A;B;C\n");
	assert_told(f, 1, "columns 3 and 4, \"Club\" and \"Entreprise\"");
	assert_int_equal(f->roll.count, 0);
	read_text(f, "bib,nom,nom complet\n1,A,B\n");
	assert_told(f, 1, "\"nom\" and \"nom complet\"");
	/* Else an export with a column of one's own could not be read. */
	assert_int_equal(read_text(f, "bib,name,team,club\n1,A,PMU,ACN\n"), 0);
	assert_keys(f, "bib name team -");
	assert_string_equal(entry(f, 0)->team, "PMU");
	assert_string_equal(entry(f, 0)->more[0].value, "ACN");
}

static void
a_sheet_without_bibs_is_told_what_it_has(void **state)
{
	struct fixture *f = *state;

	read_text(f, "Nom,Prénom\nA,B\n");
	assert_told(f, 1, "dossard");
	assert_told(f, 1, "\"Nom\", \"Prénom\"");
}

/* ---- above the header ---- */

static void
titles_above_the_header_are_passed_over_and_told(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f,
	                     "\"Inscrits, 21 septembre\nédition 1\"\n"
	                     "\n"
	                     "Fichier du 3, v2\n"
	                     "Dossard;Nom;Équipe\n"
	                     "1;Anna;PMU\n"
	                     "2;Bob\n"),
	    0);
	assert_keys(f, "bib name team");
	assert_int_equal(f->sheet.line, 5);
	assert_told(f, 1, "line 5");
	assert_int_equal(f->roll.count, 2);
	assert_int_equal(f->roll.lines[0], 6);
	assert_string_equal(entry(f, 0)->team, "PMU");
}

static void
a_first_row_that_names_bibs_is_the_header(void **state)
{
	struct fixture *f = *state;

	read_text(f, "N°,x\nbib,name\n1,A\n");
	assert_keys(f, "bib -");
	/* and one too far down is not looked for */
	read_text(f, "a,b\nc,d\ne,f\ng,h\ni,j\nbib,name\n1,A\n");
	assert_told(f, 1, "no column \"bib\"");
	read_text(f, "a,b\nc,d\ne,f\ng,h\nbib,name\n1,A\n");
	assert_int_equal(f->report.errors, 0);
	assert_int_equal(f->roll.count, 1);
}

/* ---- words ---- */

static void
sexes_are_words_of_two_languages(void **state)
{
	static const struct {
		const char *word;
		const char *sex;
	} all[] = {
		{ "H", "M" },
		{ "homme", "M" },
		{ "Masculin", "M" },
		{ "male", "M" },
		{ "Garçon", "M" },
		{ "m", "M" },
		{ "F", "F" },
		{ "FEMME", "F" },
		{ "Féminin", "F" },
		{ "female", "F" },
		{ "fille", "F" },
		{ "Dame", "F" },
		{ "w", "F" },
		{ "X", "X" },
		{ "Mixte", "X" },
		{ "NB", "X" },
		{ "", "" },
		{ "Q", NULL },
		{ "femmehomme", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		const char *sex = conf_sex_word(all[i].word);

		if (all[i].sex == NULL)
			assert_null(sex);
		else
			assert_string_equal(sex, all[i].sex);
	}
}

static void
dates_are_read_with_the_day_first(void **state)
{
	static const struct {
		const char *text;
		enum conf_date is;
		const char *date;
	} all[] = {
		{ "23/05/1984", CONF_DATE_DAY_FIRST, "1984-05-23" },
		{ "23.5.1984", CONF_DATE_DAY_FIRST, "1984-05-23" },
		{ "3-5-1984", CONF_DATE_EITHER, "1984-05-03" },
		{ "5/5/1984", CONF_DATE_DAY_FIRST, "1984-05-05" },
		{ "05/23/1984", CONF_DATE_MONTH_FIRST, "1984-05-23" },
		{ "23/13/1984", CONF_DATE_NONE, "" },
		{ "23/05/84", CONF_DATE_NONE, "" },
		{ "23/05.1984", CONF_DATE_NONE, "" },
		{ "23/05/19845", CONF_DATE_NONE, "" },
		{ "0/5/1984", CONF_DATE_NONE, "" },
		{ "32/1/1984", CONF_DATE_NONE, "" },
		{ "1984-05-23", CONF_DATE_NONE, "" },
		{ "23/", CONF_DATE_NONE, "" },
		{ "", CONF_DATE_NONE, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		char out[16] = "";

		assert_int_equal(conf_date_parse(all[i].text, out), all[i].is);
		assert_string_equal(out, all[i].date);
	}
}

static void
dates_that_could_be_either_are_told_once(void **state)
{
	struct fixture *f = *state;

	read_text(f, "bib,name,dob\n1,A,03/04/1984\n2,B,04/05/1984\n");
	assert_told(f, 2, "day/month/year, as 2 dates");
	assert_int_equal(f->report.count, 1);
	assert_string_equal(entry(f, 0)->born, "1984-04-03");
	/* a day that can be no month says which way it is */
	read_text(f, "bib,name,dob\n1,A,03/04/1984\n2,B,23/05/1984\n");
	assert_quiet(f);
	/* and a month that can be none says that it is the other */
	read_text(f, "bib,name,dob\n1,A,03/04/1984\n2,B,05/23/1984\n");
	assert_told(f, 3, "write 1984-05-23");
	assert_told(f, 2, "month first");
	assert_int_equal(f->roll.count, 1);
	read_text(f,
	    "bib,name,dob\n1,A,3/4/1984\n2,B,5/23/1984\n"
	    "3,C,23/5/1984\n");
	assert_told(f, 2, "month first");
	read_text(f, "bib,name,dob\n1,A,31/02/1984\n2,B,1984\n3,C,84\n");
	assert_told(f, 2, "1984-02-31");
	assert_told(f, 4, "\"84\"");
	assert_string_equal(entry(f, 0)->born, "1984");
}

/* ---- files ---- */

static void
a_file_that_is_no_text_is_told_what_to_do(void **state)
{
	struct fixture *f = *state;

	read_bytes(f, "PK\003\004abc", 7);
	assert_told(f, 0, "save it as CSV");
	read_bytes(f, "\xd0\xcf\x11\xe0\xa1", 5);
	assert_told(f, 0, "save it as CSV");
	read_bytes(f,
	    "\xff\xfe"
	    "b\0i\0b\0",
	    8);
	assert_told(f, 0, "CSV UTF-8");
	read_bytes(f, "", 0);
	assert_told(f, 0, "is empty");
	(void)unlink(f->path);
	forget(f);
	assert_int_equal(conf_sheet(f->path, NULL, &f->sheet, &f->roll,
	                     &f->report),
	    -EINVAL);
	assert_int_equal(f->report.errors, 1);
}

static void
a_row_with_a_mistake_is_left_out_the_others_taken(void **state)
{
	struct fixture *f = *state;

	read_text(f,
	    "dossard;nom;sexe;statut\n"
	    "1;A;Q;\n"
	    "2;B;F;\n"
	    ";C;F;\n"
	    "2;D;F;\n"
	    "5;E;F;Payé\n"
	    "6;F;F;;;;\n"
	    "7;G;F;;x\n");
	assert_int_equal(f->report.errors, 5);
	assert_told(f, 2, "\"Q\"");
	assert_told(f, 4, "bib is empty");
	assert_told(f, 5, "line 3");
	assert_told(f, 6, "rename it");
	assert_told(f, 8, "5 fields");
	assert_int_equal(f->roll.count, 2);
	assert_string_equal(entry(f, 0)->bib, "2");
	assert_string_equal(entry(f, 1)->bib, "6");
}

static void
a_wave_that_the_race_does_not_have_is_told_a_missing_column_is_not(void **state)
{
	struct race_wave waves[2] = { { .name = xstrdup("a") },
		{ .name = xstrdup("b") } };
	struct race_rules rules = { .date = xstrdup("2014-09-21"),
		.waves = waves,
		.wave_count = 2 };
	struct fixture *f = *state;
	FILE *file = fopen(f->path, "wb");

	assert_non_null(file);
	fputs("bib,vague,born\n1,a,\n2,c,\n3,,\n4,b,2015\n", file);
	fclose(file);
	conf_sheet(f->path, &rules, &f->sheet, &f->roll, &f->report);
	assert_told(f, 3, "\"c\"");
	assert_told(f, 5, "2015");
	assert_int_equal(f->report.count, 2);
	assert_int_equal(f->roll.count, 2);
	free(waves[0].name);
	free(waves[1].name);
	free(rules.date);
}

/* Cut and changed anywhere, it is read or told. */
static void
a_damaged_sheet_is_read_or_told(void **state)
{
	static const char text[] =
	    "Liste\nDossard;Nom;Prénom;Né le;Équipe;Ville\n"
	    "1;\"A;x\";B;03/04/1984;PMU;\n2;C;D;05/23/1990;\"Q\n\";Z\n";
	struct fixture *f = *state;
	uint64_t random = test_seed();

	for (size_t len = 0; len < sizeof text; len++)
		read_bytes(f, text, len);
	for (int i = 0; i < 3000; i++) {
		char copy[sizeof text];

		memcpy(copy, text, sizeof text);
		for (int k = 0; k < 3; k++)
			copy[test_below(&random, sizeof text - 1)] =
			    (char)test_below(&random, 256);
		read_bytes(f, copy, sizeof text - 1);
	}
}

static void
a_title_that_could_name_a_column_is_a_title_still(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f,
	                     "Participant;;\nCatégorie;Open;\n;;\n"
	                     "Dossard;Nom;Prénom\n1;Dupont;Ann\n"),
	    0);
	assert_keys(f, "bib last first");
	/* where it really is */
	assert_told(f, 1, "the columns are named on line 4");
	assert_int_equal(f->sheet.line, 4);
	assert_string_equal(f->roll.entries[0].name, "Ann Dupont");
}

static void
a_heading_of_two_lines_is_one_name(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f,
	                     "\"N°\nDossard\";\"Nom\r\ncomplet\";"
	                     "\"T-shirt\ntaille\"\n1;Ann;M\n"),
	    0);
	assert_quiet(f);
	assert_keys(f, "bib name -");
	assert_string_equal(f->roll.entries[0].more[0].name, "T-shirt taille");
}

static void
a_number_that_a_program_made_a_fraction_is_no_bib(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f,
	                     "bib,name\n12.0,A\n\"13,00\",B\n1.10,C\n.0,D\n"),
	    -EINVAL);
	assert_told(f, 2, "bib \"12.0\": write 12");
	assert_told(f, 3, "bib \"13,00\": write 13");
	assert_int_equal(f->report.errors, 2);
	assert_int_equal(f->roll.count, 2);
}

static void
a_bib_without_a_digit_is_asked_about(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f, "bib,name\nA1,A\nTOTAL,1\n"), 0);
	assert_int_equal(f->report.count, 1);
	assert_told(f, 3, "bib \"TOTAL\" has no digit");
	assert_int_equal(f->roll.count, 2);
}

static void
brackets_and_signs_in_a_heading_do_not_hinder(void **state)
{
	struct fixture *f = *state;

	read_text(f,
	    "N° dossard*;NOM (majuscules);Prénom(s) :;Sexe (H/F);Né(e) le;"
	    "Temps (h);Catégorie [FFA]\n");
	assert_keys(f, "bib last first sex born - category");
	read_text(f,
	    "Dossard (1-999);Nom (famille) et prénom;Née(e) le (j/m)\n");
	assert_keys(f, "bib name born");
	/* nothing but brackets, and one that is not closed */
	read_text(f, "bib;(sexe);(x);né (le\n");
	assert_keys(f, "bib sex - born");
}

static void
a_heading_without_brackets_comes_before_one_with_them(void **state)
{
	struct fixture *f = *state;

	read_text(f, "bib;Équipe (relais);Équipe;Nom;Nom (usage);Prénom\n");
	assert_keys(f, "bib - team last - first");
	read_text(f, "bib;Club (a);Club (b)\n");
	assert_told(f, 1, "both say the team");
}

static void
statuses_are_words_of_two_languages(void **state)
{
	static const struct {
		const char *words[14];
		enum race_status status;
	} all[] = {
		{ { "Abandon", "abandonné", "Abandonné(e)", "DNF",
		      "did not finish" },
		    RACE_DNF },
		{ { "non partant", "Non-partante", "NP", "dns", "Forfait",
		      "ABSENT" },
		    RACE_DNS },
		{ { "disqualifié", "Disqualifiée", "dsq", "DQ" }, RACE_DSQ },
		{ { "hors délai", "Hors délais", "OTL" }, RACE_OTL },
		{ { "hors concours", "HC", "nc", "invité" }, RACE_NC },
		{ { "inscrit", "Inscrite", "engagé", "OK" }, RACE_STATUS_NONE },
	};
	struct fixture *f = *state;
	char text[128];

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		for (size_t k = 0; all[i].words[k] != NULL; k++) {
			(void)snprintf(text, sizeof text, "bib;statut\n1;%s\n",
			    all[i].words[k]);
			assert_int_equal(read_text(f, text), 0);
			assert_int_equal(entry(f, 0)->status, all[i].status);
		}
	}
	assert_int_equal(read_text(f, "bib;statut\n1;marié\n"), -EINVAL);
	assert_told(f, 2, "status \"marié\": must be DNS");
	assert_int_equal(read_text(f, "bib;statut\n1;finished\n"), -EINVAL);
	assert_told(f, 2, "follows from the crossings");
}

static void
a_field_says_something_nothing_or_that_it_is_empty(void **state)
{
	struct fixture *f = *state;
	uint32_t bib = UINT32_C(1) << CONF_BIB;
	uint32_t all = bib | UINT32_C(1) << CONF_SEX |
	    UINT32_C(1) << CONF_CHIP | UINT32_C(1) << CONF_STATUS |
	    UINT32_C(1) << CONF_BORN;

	assert_int_equal(read_text(f,
	                     "bib;sexe;puce;statut;né le;Ville\n1;;;;;\n"
	                     "2;-; - ;-;-;-\n3;F;C1;DNS;1984;Pau\n"),
	    0);
	assert_int_equal(f->roll.given[0], bib);
	assert_int_equal(entry(f, 0)->more_count, 0);
	assert_int_equal(f->roll.given[1], all);
	assert_string_equal(entry(f, 1)->sex, "");
	assert_string_equal(entry(f, 1)->born, "");
	assert_int_equal(entry(f, 1)->chip_count, 0);
	assert_int_equal(entry(f, 1)->more_count, 1);
	assert_string_equal(entry(f, 1)->more[0].value, "");
	assert_int_equal(f->roll.given[2], all);
	assert_string_equal(entry(f, 2)->more[0].value, "Pau");
	assert_int_equal(read_text(f, "bib;nom\n-;A\n"), -EINVAL);
	assert_told(f, 2, "the bib is empty");
}

static void
who_is_left_out_is_known_by_what_could_be_read(void **state)
{
	struct fixture *f = *state;
	const struct conf_left *left;

	assert_int_equal(read_text(f,
	                     "\n\nbib;nom;prénom;sexe\n1;A;B;Q\n2;C;D;F\n"
	                     ";E;F;F\n7;G;H;F;x\n8;\"open\n"),
	    -EINVAL);
	left = f->roll.left;
	assert_int_equal(f->roll.left_count, 4);
	assert_int_equal(left[0].line, 4);
	assert_string_equal(left[0].bib, "1");
	assert_string_equal(left[0].name, "B A");
	assert_int_equal(left[1].line, 6);
	assert_string_equal(left[1].bib, "");
	assert_string_equal(left[1].name, "F E");
	assert_int_equal(left[2].line, 7);
	assert_string_equal(left[2].name, "");
	assert_int_equal(left[3].line, 8);
	/* A header with a mistake is nobody. */
	assert_int_equal(read_text(f, "\"bib;nom\n1;2\n"), -EINVAL);
	assert_int_equal(f->roll.left_count, 0);
	assert_int_equal(read_text(f, "a;b\n1;2\n"), -EINVAL);
	assert_int_equal(f->roll.left_count, 0);
}

static void
lines_are_counted_with_blank_rows_and_long_titles(void **state)
{
	struct fixture *f = *state;

	read_text(f, "\r\n;;\r\n\r\nbib;sexe\r\n\r\n1;Q\r\n");
	assert_int_equal(f->sheet.line, 4);
	assert_told(f, 6, "sex \"Q\"");
	read_text(f, "\"A race\nof two lines\";\n\n;;\nbib;nom;sexe\n1;A;Q\n");
	assert_int_equal(f->sheet.line, 5);
	assert_told(f, 1, "the columns are named on line 5");
	assert_told(f, 6, "sex \"Q\"");
	read_text(f, "\n\nInscrits,,\n\nbib,nom,sexe\n1,A,Q\n");
	assert_int_equal(f->sheet.line, 5);
	assert_told(f, 6, "sex \"Q\"");
}

static void
a_row_that_was_said_is_read_like_one_of_a_file(void **state)
{
	char heads[3][16] = { "bib", "équipe", " Nom " };
	char values[3][16] = { "12", "-", " Zoé " };
	char *head[3] = { heads[0], heads[1], heads[2] };
	char *value[3] = { values[0], values[1], values[2] };
	struct fixture *f = *state;

	assert_int_equal(conf_sheet_row(f->name, head, value, 3, NULL,
	                     &f->sheet, &f->roll, &f->report),
	    0);
	assert_keys(f, "bib team name");
	assert_quiet(f);
	assert_int_equal(f->roll.count, 1);
	assert_string_equal(entry(f, 0)->bib, "12");
	assert_string_equal(entry(f, 0)->name, "Zoé");
	forget(f);
	(void)snprintf(values[0], sizeof values[0], "%s", "12.0");
	head[2] = heads[2];
	value[0] = values[0];
	assert_int_equal(conf_sheet_row(f->name, head, value, 3, NULL,
	                     &f->sheet, &f->roll, &f->report),
	    -EINVAL);
	assert_told(f, 0, "bib \"12.0\"");
	assert_int_equal(f->roll.count, 0);
	assert_int_equal(f->roll.left_count, 1);
	assert_int_equal(f->roll.left[0].line, 0);
}

#define SHEET_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SHEET_TEST(a_registration_sheet_in_french_is_read),
		SHEET_TEST(a_sheet_of_windows_with_tabs_is_read),
		SHEET_TEST(an_english_sheet_is_read),
		SHEET_TEST(nom_is_the_last_name_only_beside_a_first_name),
		SHEET_TEST(every_synonym_means_its_column),
		SHEET_TEST(two_columns_of_one_meaning_are_both_named),
		SHEET_TEST(a_sheet_without_bibs_is_told_what_it_has),
		SHEET_TEST(titles_above_the_header_are_passed_over_and_told),
		SHEET_TEST(a_first_row_that_names_bibs_is_the_header),
		SHEET_TEST(sexes_are_words_of_two_languages),
		SHEET_TEST(dates_are_read_with_the_day_first),
		SHEET_TEST(dates_that_could_be_either_are_told_once),
		SHEET_TEST(a_file_that_is_no_text_is_told_what_to_do),
		SHEET_TEST(a_row_with_a_mistake_is_left_out_the_others_taken),
		SHEET_TEST(
		    a_wave_that_the_race_does_not_have_is_told_a_missing_column_is_not),
		SHEET_TEST(a_title_that_could_name_a_column_is_a_title_still),
		SHEET_TEST(a_heading_of_two_lines_is_one_name),
		SHEET_TEST(a_number_that_a_program_made_a_fraction_is_no_bib),
		SHEET_TEST(a_bib_without_a_digit_is_asked_about),
		SHEET_TEST(brackets_and_signs_in_a_heading_do_not_hinder),
		SHEET_TEST(
		    a_heading_without_brackets_comes_before_one_with_them),
		SHEET_TEST(statuses_are_words_of_two_languages),
		SHEET_TEST(a_field_says_something_nothing_or_that_it_is_empty),
		SHEET_TEST(who_is_left_out_is_known_by_what_could_be_read),
		SHEET_TEST(lines_are_counted_with_blank_rows_and_long_titles),
		SHEET_TEST(a_row_that_was_said_is_read_like_one_of_a_file),
		SHEET_TEST(a_damaged_sheet_is_read_or_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
