package io.openclaw.app;

import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code openclaw drill}: faults under load, and what the clients saw. */
@Command(
    name = "drill",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false,
    subcommands = {DrillLiveCommand.class, CommandLine.HelpCommand.class},
    description = {
      "Starts three regions and a router of its own, does faults to them under load, and says what clients saw:",
      "failed requests, the longest, the time to detect and to be steady again, tries elsewhere before there was a",
      "fault, and requests admitted over a strict limit."
    },
    footer = {
      "",
      "Faults: kill, freeze, drain, partition, one-way, slow, bad, flapping, router-restart, all-down.",
      "Example: openclaw drill kill freeze --runs 3 --report drill.html",
      "openclaw drill live drills an installation that serves somebody."
    })
final class DrillCommand implements Callable<Integer> {
  private static final int BEFORE_SECONDS = 2;
  private static final int AFTER_SECONDS = 3;
  private static final int WARM_UPS_MAX = 9;
  private static final int WARM_UP_SECONDS = 7;
  private static final double WARM_MILLIS = 10;

  @Parameters(
      paramLabel = "FAULT",
      arity = "0..*",
      description = "What is done; all of them where none is named.")
  List<String> names = List.of();

  @Option(names = "--runs", paramLabel = "N", description = "Runs of each fault, 1 to 100; 1.")
  int runs = 1;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Requests per second, 10 to 10,000; 500.")
  int rate = 500;

  @Option(
      names = "--hold",
      paramLabel = "SECONDS",
      description = "How long a fault lasts, 1 to 60; 3.")
  int hold = 3;

  @Option(
      names = "--peer",
      paramLabel = "COMMAND",
      description =
          "Puts HAProxy, tuned to be quick, before the regions instead of the router: its command,"
              + " such as \"haproxy -db -f\".")
  @Nullable String peer;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Writes a page with a plot of each fault's worst run.")
  @Nullable Path report;

  @Option(names = "--output", paramLabel = "text|json", description = "text, or one JSON line.")
  Output output = Output.TEXT;

  @Override
  public Integer call() throws IOException, ConfigException, InterruptedException {
    List<DrillFault> faults = faults();
    Options.within("--runs", runs, 1, 100);
    Options.within("--rate", rate, 10, 10_000);
    Options.within("--hold", hold, 1, 60);
    Path folder = Files.createTempDirectory("openclaw-drill");
    Map<DrillFault, List<DrillRun>> all = new LinkedHashMap<>();
    DrillRun.Plan plan = new DrillRun.Plan(rate, BEFORE_SECONDS, hold, AFTER_SECONDS);
    try (DrillFleet fleet = DrillFleet.start(folder, peer)) {
      warmUp(fleet);
      for (DrillFault fault : faults) {
        for (int run = 1; run <= runs; run++) {
          say("%s, run %d of %d".formatted(fault.text(), run, runs));
          all.computeIfAbsent(fault, none -> new ArrayList<>())
              .add(DrillRun.of(fleet, fault, plan));
        }
      }
    }
    delete(folder);
    new DrillReport(peer == null ? "OpenClaw's router" : peer, plan, all).show(output, report);
    return 0;
  }

  private List<DrillFault> faults() throws ConfigException {
    List<DrillFault> faults = new ArrayList<>();
    for (String name : names) {
      faults.add(
          Arrays.stream(DrillFault.values())
              .filter(fault -> fault.text().equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      new ConfigException(
                          List.of(name + " (expected: one of " + DrillReport.names() + ")"))));
    }
    if (peer != null && faults.contains(DrillFault.ROUTER_RESTART)) {
      throw new ConfigException(List.of("router-restart: not with --peer"));
    }
    return faults.isEmpty()
        ? Arrays.stream(DrillFault.values())
            .filter(fault -> peer == null || fault != DrillFault.ROUTER_RESTART)
            .toList()
        : faults;
  }

  /** A cold JVM is slow whatever happens to it: waits until requests are quick, for a minute. */
  private void warmUp(DrillFleet fleet) throws IOException, InterruptedException {
    say("warming up");
    fleet.rehearse();
    Path record = fleet.folder().resolve("record.csv");
    for (int i = 0; i < WARM_UPS_MAX; i++) {
      Files.deleteIfExists(record);
      DrillRun.bench(fleet, fleet.key(), rate, WARM_UP_SECONDS, record).waitFor();
      if (DrillRun.p99(DrillRun.settled(DrillRun.read(record))) < WARM_MILLIS) {
        return;
      }
    }
    System.err.println(
        "openclaw drill: requests are slow before anything is done: other work on this machine?");
  }

  /** Progress is for persons. */
  private void say(String line) {
    if (output == Output.TEXT && JobCommand.isTerminal()) {
      System.err.println("openclaw drill: " + line);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
