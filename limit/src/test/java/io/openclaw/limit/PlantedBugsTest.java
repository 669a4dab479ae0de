package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The bugs that proofs plant can still be planted: what they replace stands where they say. */
class PlantedBugsTest {
  private static final Path ROOT = Path.of("..");

  static List<Path> bugs() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("proofs/mutants"))) {
      return files.filter(file -> file.toString().endsWith(".bug")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void what_a_bug_replaces_stands_there_once(Path bug) throws IOException {
    String text = Files.readString(bug);
    String file = between(text, "\nFile: ", "\n");
    String stands = between(text, "\nStands:\n", "\nPut:\n");
    String source = Files.readString(ROOT.resolve(file));
    int first = source.indexOf(stands);
    assertThat(first).as(file + " holds:\n" + stands).isNotNegative();
    assertThat(source.indexOf(stands, first + 1)).as("once").isNegative();
  }

  private static String between(String text, String before, String after) {
    int from = text.indexOf(before) + before.length();
    return text.substring(from, text.indexOf(after, from));
  }
}
