/* Echo: gives back the value of "echo" byte by byte, without knowing more of JSON than where a value ends.
 * WRONG=late in the environment: gives back the value of the request before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST (1 << 20)

/* Behind the value of JSON that begins at `at`. */
static const char *behind(const char *at) {
    int depth = 0;
    for (int quoted = 0; *at; at++) {
        if (quoted) {
            if (*at == '\\') at++;
            else if (*at == '"') quoted = 0;
        } else if (*at == '"') quoted = 1;
        else if (*at == '{' || *at == '[') depth++;
        else if (*at == '}' || *at == ']' || *at == ',') {
            if (depth == 0) return at;
            if (*at != ',') depth--;
        }
    }
    return at;
}

/* The value of a field, copied to `into`; empty if there is none. */
static void value(const char *line, const char *field, char *into) {
    char key[64];
    snprintf(key, sizeof key, "\"%s\":", field);
    const char *at = strstr(line, key);
    into[0] = 0;
    if (!at) return;
    at += strlen(key);
    while (*at == ' ') at++;
    size_t length = (size_t)(behind(at) - at);
    memcpy(into, at, length);
    into[length] = 0;
}

int main(void) {
    static char line[LONGEST], src[LONGEST], type[LONGEST], id[LONGEST], echo[LONGEST], me[LONGEST];
    static char before[LONGEST] = "null";
    const char *wrong = getenv("WRONG");
    int late = wrong && !strcmp(wrong, "late");
    while (fgets(line, sizeof line, stdin)) {
        value(line, "src", src);
        value(line, "type", type);
        value(line, "msg_id", id);
        value(line, "echo", echo);
        if (!strcmp(type, "\"init\"")) {
            value(line, "node_id", me);
            printf("{\"src\":%s,\"dest\":%s,\"body\":{\"type\":\"init_ok\",\"in_reply_to\":%s}}\n", me, src, id);
        } else {
            printf("{\"src\":%s,\"dest\":%s,\"body\":{\"type\":\"echo_ok\",\"in_reply_to\":%s,\"echo\":%s}}\n",
                   me, src, id, late ? before : echo);
            strcpy(before, echo);
        }
        fflush(stdout);
    }
    return 0;
}
