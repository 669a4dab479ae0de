package io.openclaw.sim;

import io.openclaw.yaml.ConfigException;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command {@code openclaw simulate}: a fleet of regions on virtual time, as a scenario file
 * says.
 *
 * <p>Exit code 0; 1 if an expectation of the scenario is not met; 2 for a scenario that is refused.
 */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    abbreviateSynopsis = true,
    usageHelpAutoWidth = true,
    description =
        "Runs a scenario: regions with the limiter, leases and mesh of production, on virtual time,"
            + " over a network with delays, losses and cuts.",
    footer = {
      "",
      "The same file and seed give the same report, byte for byte. Scenarios are in"
          + " examples/scenarios, their format in docs/simulate.md.",
      "Exit code: 0, or 1 if an expectation is not met, or 2 for bad usage or a bad scenario."
    })
public final class SimulateCommand implements Callable<Integer> {
  private static final int OK = 0;
  private static final int UNMET = 1;
  private static final int BAD_USAGE = 2;

  @Spec @Nullable CommandSpec spec;

  @Parameters(paramLabel = "SCENARIO.yaml", description = "What happens.")
  @Nullable Path file;

  @Option(names = "--seed", paramLabel = "N", description = "Instead of the scenario's seed.")
  @Nullable Long seed;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Where report.txt, report.json and plots (SVG) go; made where it is not there.")
  @Nullable Path out;

  @Option(names = "--quiet", description = "Print no report and no speed.")
  boolean quiet;

  @Option(
      names = "--static",
      hidden = true,
      description = "Blocks do not follow demand: for proofs that must see that.")
  boolean fixedShares;

  @Override
  public Integer call() throws IOException, ConfigException {
    CommandSpec command = java.util.Objects.requireNonNull(spec);
    PrintWriter err = command.commandLine().getErr();
    if (seed != null && seed < 0) {
      err.println("openclaw: --seed: " + seed + " (expected: >= 0)");
      return BAD_USAGE;
    }
    FleetScenario scenario = FleetScenarioReader.read(java.util.Objects.requireNonNull(file));
    long from = System.nanoTime();
    boolean terminal =
        !quiet && Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    IntConsumer progress =
        second -> {
          if (terminal) {
            err.print("\r" + second + " of " + scenario.seconds() + " s");
            err.flush();
          }
        };
    Findings findings =
        Simulation.run(scenario, seed == null ? scenario.seed() : seed, !fixedShares, progress);
    double took = (System.nanoTime() - from) / 1e9;
    String report = ReportText.of(findings);
    if (!quiet) {
      PrintWriter print = command.commandLine().getOut();
      print.print(report);
      print.flush();
      err.println(
          (terminal ? "\r" : "")
              + Texts.format(
                  "%d s in %.2f s: %.0f x real time",
                  scenario.seconds(), took, scenario.seconds() / took));
    }
    if (out != null) {
      write(out, findings, report);
    }
    return findings.allMet() ? OK : UNMET;
  }

  private static void write(Path folder, Findings findings, String report) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("report.txt"), report);
    String json = new String(ReportJson.of(findings), StandardCharsets.UTF_8);
    Files.writeString(folder.resolve("report.json"), json + "\n");
    for (Map.Entry<String, String> plot : Plots.of(findings).entrySet()) {
      Files.writeString(folder.resolve(plot.getKey()), plot.getValue());
    }
  }
}
