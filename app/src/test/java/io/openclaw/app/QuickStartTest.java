package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The quick way must know every option of {@code serve}, and mean the same by it as the library.
 */
class QuickStartTest {
  @Test
  void every_option_of_serve_is_read_as_the_library_reads_it() {
    List<String> args = new ArrayList<>(List.of("serve"));
    for (OptionSpec option : new CommandLine(new ServeCommand()).getCommandSpec().options()) {
      if (!option.usageHelp() && !option.versionHelp()) {
        args.add(option.longestName());
        if (option.arity().max() > 0) {
          args.add(option.longestName().equals("--output") ? "json" : "v" + args.size());
        }
      }
    }
    ServeCommand slow = new ServeCommand();
    new CommandLine(slow)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .parseArgs(args.subList(1, args.size()).toArray(String[]::new));
    assertThat(QuickStart.of(args.toArray(String[]::new)))
        .hasValueSatisfying(quick -> assertThat(quick).usingRecursiveComparison().isEqualTo(slow));
    assertThat(slow.files).containsExactly(Path.of("v2"));
  }

  @Test
  void what_is_not_plain_is_left_to_the_library() {
    for (String line :
        List.of(
            "",
            "dev",
            "serve --help",
            "serve --prot 1",
            "serve --port",
            "serve --port --data",
            "serve extra",
            "serve --output xml",
            "self-test x")) {
      assertThat(QuickStart.of(line.isEmpty() ? new String[0] : line.split(" ", -1)))
          .as(line)
          .isEmpty();
    }
  }
}
