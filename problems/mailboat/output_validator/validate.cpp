// Called as: validate INPUT ANSWER FEEDBACKDIR/ < OUTPUT. Exit 42: accepted, 43: rejected, 1: a fault of the package.
// Reads the output byte by byte and keeps none of it, so that no output, however long or strange, does any harm.
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

std::string feedback_directory;

[[noreturn]] void leave(int code, const std::string &message) {
    std::ofstream(feedback_directory + "/judgemessage.txt") << message << '\n';
    std::exit(code);
}

[[noreturn]] void reject(const std::string &message) { leave(43, message); }

int skip_blanks() {
    int letter = std::getchar();
    while (letter != EOF && std::isspace(letter)) letter = std::getchar();
    return letter;
}

void expect_end(int letter) {
    if (letter != EOF && !std::isspace(letter)) reject("more letters than expected");
    if (skip_blanks() != EOF) reject("more than one word");
}

void check_impossible(bool round_exists) {
    int letter = 'i';
    for (const char wanted : std::string("impossible")) {
        if (std::tolower(letter) != wanted) reject("a word that is neither a round nor 'impossible'");
        letter = std::getchar();
    }
    expect_end(letter);
    if (round_exists) reject("there is a round, but the team did not find it");
}

void check_round(int letter, int rows, int columns) {
    std::vector<char> visited(static_cast<std::size_t>(rows) * columns, 0);
    int row = 0, column = 0;
    for (int move = 1; move <= rows * columns; ++move) {
        const std::string where = "move " + std::to_string(move);
        switch (letter) {
            case 'N': --row; break;
            case 'E': ++column; break;
            case 'S': ++row; break;
            case 'W': --column; break;
            case EOF: reject(where + ": the output ends too early");
            default: reject(where + ": byte " + std::to_string(letter) + " is none of N, E, S, W");
        }
        if (row < 0 || column < 0 || row >= rows || column >= columns) reject(where + " leaves the district");
        char &here = visited[static_cast<std::size_t>(row) * columns + column];
        if (here) reject(where + " calls at a jetty for the second time");
        here = 1;
        letter = std::getchar();
    }
    expect_end(letter);
    // All jetties have been visited, each once. The one in the corner must have been the last.
    if (row != 0 || column != 0) reject("the round does not end in the corner");
}

}  // namespace

int main(int argc, char **argv) {
    if (argc < 4) return 1;
    feedback_directory = argv[3];
    int rows = 0, columns = 0;
    std::string answer;
    if (!(std::ifstream(argv[1]) >> rows >> columns)) leave(1, "the input cannot be read");
    if (!(std::ifstream(argv[2]) >> answer)) leave(1, "the answer cannot be read");
    const bool round_exists = answer != "impossible";

    const int first = skip_blanks();
    if (first == EOF) reject("there is no output");
    if (std::tolower(first) == 'i') {
        check_impossible(round_exists);
    } else {
        check_round(first, rows, columns);
        if (!round_exists) leave(1, "the team found a round where the jury has none");
    }
    return 42;
}
