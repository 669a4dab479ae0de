package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Every command that a document shows is one that the program takes. */
class DocCommandsTest {
  private static final Path ROOT = Path.of("..");
  private static final int COMMANDS_MIN = 40;
  private static final int MENTIONS_MIN = 50;

  private static final Pattern FENCE = Pattern.compile("(?ms)^ *```[^\n]*\n(.*?)^ *```");
  private static final Pattern COMMAND = Pattern.compile("(?m)^ *(?:\\$ )?(?:\\./)?openclaw (.*)$");
  private static final Pattern MENTION = Pattern.compile("`(?:\\./)?openclaw ([^`]*)`");

  /** What a shell makes one word of, as far as documents need it. */
  private static final Pattern WORD =
      Pattern.compile("\"(?<double>[^\"]*)\"|'(?<single>[^']*)'|(?<plain>[^\\s\"']+)");

  private static List<Path> documents() throws IOException {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"));
        Stream<Path> examples = Files.walk(ROOT.resolve("examples"))) {
      return Stream.of(top, docs, examples)
          .flatMap(each -> each)
          .filter(each -> each.toString().endsWith(".md"))
          .filter(each -> !each.toString().contains("node_modules"))
          .sorted()
          .toList();
    }
  }

  /** The words up to a comment, a pipe or another command. */
  private static String[] words(String command) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(command.replaceAll("\"\\$\\(.*\\)\"", "SUBSTITUTED"));
    while (word.find()) {
      String plain = word.group("plain");
      if (plain != null && plain.matches("#.*|\\||&&?|;|[12]?>.*")) {
        break;
      }
      String quoted = word.group("double") == null ? word.group("single") : word.group("double");
      words.add(plain == null ? String.valueOf(quoted) : plain);
    }
    return words.toArray(String[]::new);
  }

  /** Why the program refuses a command; null where it takes it. */
  private static @Nullable String refusal(String[] words) {
    try {
      var _ = Main.commandLine().parseArgs(words);
      return null;
    } catch (CommandLine.ParameterException e) {
      return e.getMessage();
    }
  }

  /** What of a mention there is not; null for nothing. It may leave out what a command needs. */
  private static @Nullable String unknown(String[] words) {
    CommandLine command = Main.commandLine();
    for (String word : words) {
      CommandLine sub = command.getSubcommands().get(word);
      boolean takesNone = command.getCommandSpec().positionalParameters().isEmpty();
      if (sub != null) {
        command = sub;
      } else if (word.startsWith("-")
          ? command.getCommandSpec().findOption(word) == null
          : takesNone && !command.getSubcommands().isEmpty()) {
        return word;
      }
    }
    return null;
  }

  private static List<String> refusals(String text, List<String> taken) {
    List<String> refusals = new ArrayList<>();
    Matcher fence = FENCE.matcher(text);
    while (fence.find()) {
      Matcher command = COMMAND.matcher(fence.group(1).replace("\\\n", " "));
      while (command.find()) {
        note(command.group(1), refusal(words(command.group(1))), refusals, taken);
      }
    }
    return refusals;
  }

  private static List<String> wrongMentions(String text, List<String> taken) {
    List<String> refusals = new ArrayList<>();
    Matcher mention = MENTION.matcher(FENCE.matcher(text).replaceAll(""));
    while (mention.find()) {
      String words = mention.group(1).replace("\\|", "|");
      if (!words.contains("…")) {
        for (String each : alternatives(words)) {
          note(each, unknown(words(each)), refusals, taken);
        }
      }
    }
    return refusals;
  }

  /** {@code key create|list} is two. */
  private static List<String> alternatives(String words) {
    Matcher choice = Pattern.compile("\\S+\\|\\S+").matcher(words);
    if (!choice.find()) {
      return List.of(words);
    }
    return Stream.of(choice.group().split("\\|", -1))
        .map(each -> words.substring(0, choice.start()) + each + words.substring(choice.end()))
        .toList();
  }

  private static void note(
      String command, @Nullable String refusal, List<String> refusals, List<String> taken) {
    if (refusal == null) {
      taken.add(command);
    } else {
      refusals.add("openclaw " + command + ": " + refusal);
    }
  }

  @Test
  void every_command_is_taken_as_it_stands() throws IOException {
    List<String> taken = new ArrayList<>();
    for (Path document : documents()) {
      assertThat(refusals(Files.readString(document), taken)).as(document.toString()).isEmpty();
    }
    assertThat(taken).hasSizeGreaterThan(COMMANDS_MIN);
  }

  @Test
  void every_mention_names_a_command_and_options_that_there_are() throws IOException {
    List<String> taken = new ArrayList<>();
    for (Path document : documents()) {
      assertThat(wrongMentions(Files.readString(document), taken))
          .as(document.toString())
          .isEmpty();
    }
    assertThat(taken).hasSizeGreaterThan(MENTIONS_MIN);
  }

  @Test
  void what_is_wrong_is_found() {
    List<String> taken = new ArrayList<>();
    String text =
        """
        ```sh
        ./openclaw region drain eu --reason "new kernel" --fro 30m
        $ openclaw region drain
        ./openclaw router --region eu=http://10.0.0.1:8080 \\
          --prot 8080
        ./openclaw region status | grep up # takes none
        ```
        The commands `openclaw key create|destroy` and `openclaw router --dsn FILE`.
        """;
    assertThat(refusals(text, taken)).hasSize(3);
    assertThat(taken).containsExactly("region status | grep up # takes none");
    taken.clear();
    assertThat(wrongMentions(text, taken)).hasSize(2);
    assertThat(taken).containsExactly("key create");
  }
}
