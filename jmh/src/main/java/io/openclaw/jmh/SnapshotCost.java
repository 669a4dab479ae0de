package io.openclaw.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.util.ListStatistics;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures {@link SnapshotBenchmark} with one thread and with two, in rounds. */
@Command(
    name = "SnapshotCost",
    mixinStandardHelpOptions = true,
    description = {
      "Measures the read of what is served, as a final field, a volatile one and behind a lock.",
      "Standard output is JMH's. In the folder, a line of the file cases is: threads, what is",
      "measured, how it is held, nanoseconds (mean of all iterations), its error (99 %), and the",
      "median, which other work on the machine moves less."
    })
public final class SnapshotCost implements Callable<Integer> {
  private static final int[] THREADS = {1, 2};
  private static final double CONFIDENCE = 0.99;

  /** Each measures everything, so that other work on the machine meets all of it. */
  private static final int ROUNDS = 4;

  @Option(names = "--output", required = true, description = "the folder to write to")
  private Path output = Path.of("");

  @Option(names = "--quick", description = "one round, one thread")
  private boolean quick;

  private SnapshotCost() {}

  /** Runs the command. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new SnapshotCost()).execute(args));
  }

  @Override
  public Integer call() throws IOException, RunnerException {
    Map<String, ListStatistics> cases = new LinkedHashMap<>();
    for (int round = 0; round < (quick ? 1 : ROUNDS); round++) {
      for (int threads : quick ? new int[] {1} : THREADS) {
        for (RunResult result : run(threads)) {
          String name =
              threads
                  + " "
                  + result.getPrimaryResult().getLabel()
                  + " "
                  + result.getParams().getParam("held");
          ListStatistics all = cases.computeIfAbsent(name, each -> new ListStatistics());
          for (BenchmarkResult fork : result.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
              all.addValue(iteration.getPrimaryResult().getScore());
            }
          }
        }
      }
    }
    List<String> lines = new ArrayList<>();
    cases.forEach(
        (name, all) ->
            lines.add(
                String.format(
                    Locale.ROOT,
                    "%s %.3f %.3f %.3f",
                    name,
                    all.getMean(),
                    all.getMeanErrorAt(CONFIDENCE),
                    all.getPercentile(50))));
    Files.write(output.resolve("cases"), lines);
    return 0;
  }

  private Iterable<RunResult> run(int threads) throws RunnerException {
    return new Runner(
            new OptionsBuilder()
                .include(SnapshotBenchmark.class.getName())
                .shouldFailOnError(true)
                .jvmArgsAppend("-XX:+UseG1GC", "-Xms256m", "-Xmx256m")
                .threads(threads)
                .forks(1)
                .warmupIterations(2)
                .warmupTime(TimeValue.milliseconds(500))
                .measurementIterations(5)
                .measurementTime(TimeValue.milliseconds(quick ? 300 : 400))
                .build())
        .run();
  }
}
