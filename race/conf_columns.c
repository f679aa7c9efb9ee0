#include "race/conf_columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "common/xalloc.h"

const char *const conf_column_names[CONF_COLUMNS] = { "bib", "chip", "name",
	"first", "last", "sex", "born", "category", "team", "wave", "nation",
	"status", "start" };

/* Folded, each between two bars. */
static const char *const synonyms[CONF_COLUMNS] = {
	[CONF_BIB] = "|bib|dossard|n|no|nr|num|numero|number|n dossard|"
	             "no dossard|num dossard|numero dossard|n de dossard|"
	             "no de dossard|numero de dossard|bib number|bibnumber|"
	             "bib no|start number|startnumber|startnr|start nr|"
	             "startnummer|race number|",
	[CONF_CHIP] = "|chip|puce|puces|n puce|no puce|numero de puce|chips|"
	              "chip code|chip number|transpondeur|transponder|tag|epc|"
	              "rfid|",
	[CONF_NAME] = "|name|nom complet|nom et prenom|nom prenom|"
	              "prenom et nom|prenom nom|participant|coureur|runner|"
	              "athlete|full name|fullname|",
	[CONF_FIRST] = "|first|prenom|prenoms|firstname|first name|given name|"
	               "forename|vorname|",
	[CONF_LAST] = "|last|nom de famille|surname|lastname|last name|"
	              "family name|nachname|",
	[CONF_SEX] = "|sex|sexe|genre|gender|s|m f|h f|f h|f m|",
	[CONF_BORN] = "|born|ne|nee|ne e|ne le|nee le|ne e le|naissance|"
	              "date de naissance|date naissance|annee de naissance|"
	              "annee naissance|annee|birth|birthdate|birthday|dob|"
	              "date of birth|birth date|birth year|year of birth|yob|"
	              "year|",
	[CONF_CATEGORY] = "|category|categorie|cat|class|classe|age group|"
	                  "agegroup|division|",
	[CONF_TEAM] = "|team|club|equipe|entreprise|societe|company|"
	              "organisation|organization|",
	[CONF_WAVE] = "|wave|vague|sas|depart|start group|corral|",
	[CONF_NATION] = "|nation|nationalite|nat|pays|country|nationality|",
	[CONF_STATUS] = "|status|statut|etat|",
	/* "Départ" alone is more often a wave. */
	[CONF_START] = "|start|heure de depart|heure depart|h depart|"
	               "horaire de depart|start time|starttime|startzeit|",
};

/* Whether the folded word stands in a list of words between bars. */
static bool
is_in(const char *list, const char *word)
{
	size_t len = strlen(word);

	if (len == 0)
		return false;
	for (const char *p = list; (p = strstr(p, word)) != NULL; p++)
		if (p[-1] == '|' && p[len] == '|')
			return true;
	return false;
}

enum conf_column
conf_column_exact(const char *name)
{
	if (name[0] == '\0')
		return CONF_NAMELESS;
	for (int k = 0; k < CONF_COLUMNS; k++) {
		if (strcasecmp(name, conf_column_names[k]) == 0)
			return (enum conf_column)k;
	}
	return CONF_MORE;
}

static enum conf_column
by_synonym(const char *folded)
{
	for (int k = 0; k < CONF_COLUMNS; k++)
		if (is_in(synonyms[k], folded))
			return (enum conf_column)k;
	return CONF_MORE;
}

/* How a column came by its meaning; the stronger comes first. */
enum claim {
	NONE,
	EXACT,
	SYNONYM,
	BRACKETS, /* a synonym without what stands in brackets */
	SURNAME,  /* "nom": one of two */
	SURNAME_BRACKETS
};

struct map {
	const enum conf_column *kinds;
	const enum claim *claims;
	size_t count;
};

/* A column of that kind by that kind of claim, or count. */
static size_t
find(const struct map *m, enum conf_column kind, enum claim claim)
{
	size_t i = 0;

	while (i < m->count && (m->kinds[i] != kind || m->claims[i] != claim))
		i++;
	return i;
}

static bool
has(const struct map *m, enum conf_column kind, enum claim claim)
{
	return find(m, kind, claim) < m->count;
}

/*
 * "Nom" beside "Prénom" is the last name, alone it is the whole one.  So is the
 * name of entries.csv, unless the file has that form in its other columns, too.
 */
static void
settle_surname(enum conf_column *kinds, enum claim *claims, size_t count)
{
	struct map m = { kinds, claims, count };
	bool first =
	    has(&m, CONF_FIRST, SYNONYM) || has(&m, CONF_FIRST, BRACKETS);
	bool last = has(&m, CONF_LAST, SYNONYM) ||
	    has(&m, CONF_LAST, BRACKETS) || has(&m, CONF_LAST, EXACT);
	size_t name = find(&m, CONF_NAME, EXACT);

	for (size_t i = 0; i < count; i++) {
		if (claims[i] != SURNAME && claims[i] != SURNAME_BRACKETS)
			continue;
		kinds[i] =
		    first || has(&m, CONF_FIRST, EXACT) ? CONF_LAST : CONF_NAME;
		claims[i] = claims[i] == SURNAME ? SYNONYM : BRACKETS;
		last = true;
	}
	if (first && !last && name < count) {
		kinds[name] = CONF_LAST;
		claims[name] = SYNONYM;
	}
}

/* Folded, without what stands in brackets; for free(). */
static char *
fold_bare(const char *name)
{
	char *bare = xstrdup(name);
	char *to = bare;
	int depth = 0;
	char *folded;

	for (; *name != '\0'; name++) {
		depth += *name == '(' || *name == '[';
		if (depth == 0)
			*to++ = *name;
		depth -= depth > 0 && (*name == ')' || *name == ']');
	}
	*to = '\0';
	folded = text_fold(bare);
	free(bare);
	return folded;
}

static void
claim_synonym(const char *folded, enum claim as, enum conf_column *kind,
    enum claim *claim)
{
	if (strcmp(folded, "nom") == 0) {
		*claim = as == SYNONYM ? SURNAME : SURNAME_BRACKETS;
		return;
	}
	*kind = by_synonym(folded);
	*claim = *kind < CONF_COLUMNS ? as : NONE;
}

static void
claim_column(const char *name, enum conf_column *kind, enum claim *claim)
{
	char *folded = text_fold(name);
	char *bare = fold_bare(name);

	*kind = conf_column_exact(name);
	*claim = *kind < CONF_COLUMNS ? EXACT : NONE;
	if (*kind == CONF_MORE)
		claim_synonym(folded, SYNONYM, kind, claim);
	/* "Né(e) le" is known as it stands. */
	if (*kind == CONF_MORE && *claim == NONE)
		claim_synonym(bare, BRACKETS, kind, claim);
	free(bare);
	free(folded);
}

/* Whether another column says the same in a stronger way. */
static bool
is_weaker(const struct map *m, size_t i)
{
	enum conf_column kind = m->kinds[i];

	/* Else what palmares roster export wrote could not be read. */
	if (has(m, kind, EXACT))
		return true;
	return m->claims[i] == BRACKETS && has(m, kind, SYNONYM);
}

bool
conf_columns_map(char *const *names, size_t count, enum conf_column *kinds,
    size_t *a, size_t *b)
{
	enum claim *claims = calloc(count + 1, sizeof *claims);
	struct map m = { kinds, claims, count };
	bool clear = true;

	if (claims == NULL)
		abort();
	for (size_t i = 0; i < count; i++)
		claim_column(names[i], &kinds[i], &claims[i]);
	settle_surname(kinds, claims, count);
	for (size_t i = 0; clear && i < count; i++) {
		if (claims[i] != SYNONYM && claims[i] != BRACKETS)
			continue;
		if (is_weaker(&m, i)) {
			kinds[i] = CONF_MORE;
			claims[i] = NONE;
			continue;
		}
		*a = find(&m, kinds[i], claims[i]);
		*b = i;
		clear = *a == i;
	}
	free(claims);
	return clear;
}

/* ---- words ---- */

const char *
conf_sex_word(const char *word)
{
	static const struct {
		const char *sex;
		const char *words;
	} all[] = {
		{ "F",
		    "|f|femme|femmes|feminin|female|fille|dame|dames|w|"
		    "woman|women|girl|weiblich|" },
		{ "M",
		    "|m|h|homme|hommes|masculin|male|garcon|man|men|boy|"
		    "mannlich|" },
		{ "X", "|x|mixte|nb|non binaire|non binary|autre|other|" },
	};
	char *folded = text_fold(word);
	const char *sex = *word == '\0' ? "" : NULL;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (is_in(all[i].words, folded))
			sex = all[i].sex;
	free(folded);
	return sex;
}

int
conf_status_word(const char *word)
{
	static const struct {
		enum race_status status;
		const char *words;
	} all[] = {
		{ RACE_DNF,
		    "|dnf|did not finish|abandon|abandons|abandonne|"
		    "abandonnee|ab|abd|" },
		{ RACE_DNS,
		    "|dns|did not start|non partant|non partante|np|forfait|"
		    "absent|absente|" },
		{ RACE_DSQ,
		    "|dsq|dq|disq|disqualifie|disqualifiee|disqualified|" },
		{ RACE_OTL, "|otl|over time limit|hors delai|hors delais|hd|" },
		{ RACE_NC,
		    "|nc|hc|hors concours|non classe|non classee|invite|"
		    "invitee|not classified|" },
		{ RACE_STATUS_NONE,
		    "|ok|inscrit|inscrite|engage|engagee|entered|registered|" },
	};
	char *folded = fold_bare(word);
	int status = -1;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (is_in(all[i].words, folded))
			status = (int)all[i].status;
	free(folded);
	return status;
}

/* One or more digits up to a sign; -1 for anything else. */
static int
take_number(const char **s, size_t digits_max)
{
	size_t len = strspn(*s, "0123456789");
	int n = 0;

	if (len < 1 || len > digits_max)
		return -1;
	for (size_t i = 0; i < len; i++)
		n = 10 * n + (*(*s)++ - '0');
	return n;
}

enum conf_date
conf_date_parse(const char *s, char out[16])
{
	int a = take_number(&s, 2);
	char sign = *s;
	int b;
	int year;

	if (a < 1 || (sign != '/' && sign != '.' && sign != '-'))
		return CONF_DATE_NONE;
	s++;
	b = take_number(&s, 2);
	if (b < 1 || *s != sign)
		return CONF_DATE_NONE;
	s++;
	if (strspn(s, "0123456789") != 4)
		return CONF_DATE_NONE;
	year = take_number(&s, 4);
	if (*s != '\0' || a > 31 || b > 31 || (a > 12 && b > 12))
		return CONF_DATE_NONE;
	(void)snprintf(out, 16, "%04d-%02d-%02d", year, b > 12 ? a : b,
	    b > 12 ? b : a);
	if (b > 12)
		return CONF_DATE_MONTH_FIRST;
	return a > 12 || a == b ? CONF_DATE_DAY_FIRST : CONF_DATE_EITHER;
}
