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
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.util.ListStatistics;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures {@link RatingBenchmark}, in rounds. */
@Command(
    name = "RatingCost",
    mixinStandardHelpOptions = true,
    description = {
      "Measures one rating from the input's bytes to the answer's, by each kind of model and by",
      "pmml4s. Standard output is JMH's. In the folder, a line of the file cases is: by whom,",
      "nanoseconds (the median of all iterations, which other work on the machine moves less),",
      "the least iteration, and bytes allocated."
    })
public final class RatingCost implements Callable<Integer> {
  /** Each measures everything, so that other work on the machine meets all of it. */
  private static final int ROUNDS = 3;

  @Option(names = "--output", required = true, description = "the folder to write to")
  private Path output = Path.of("");

  @Option(names = "--examples", required = true, description = "the folder examples")
  private Path examples = Path.of("");

  @Option(names = "--quick", description = "one round, shorter")
  private boolean quick;

  private RatingCost() {}

  /** Runs the command. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new RatingCost()).execute(args));
  }

  @Override
  public Integer call() throws IOException, RunnerException {
    Map<String, ListStatistics> nanos = new LinkedHashMap<>();
    Map<String, Double> bytes = new LinkedHashMap<>();
    for (int round = 0; round < (quick ? 1 : ROUNDS); round++) {
      for (RunResult result : run()) {
        String by = result.getParams().getParam("by");
        ListStatistics all = nanos.computeIfAbsent(by, each -> new ListStatistics());
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
          for (IterationResult iteration : fork.getIterationResults()) {
            all.addValue(iteration.getPrimaryResult().getScore());
          }
        }
        Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
        bytes.put(by, allocated == null ? -1 : allocated.getScore());
      }
    }
    List<String> lines = new ArrayList<>();
    nanos.forEach(
        (by, all) ->
            lines.add(
                String.format(
                    Locale.ROOT,
                    "%s %.1f %.1f %.0f",
                    by,
                    all.getPercentile(50),
                    all.getMin(),
                    bytes.getOrDefault(by, -1.0))));
    Files.write(output.resolve("cases"), lines);
    return 0;
  }

  private Iterable<RunResult> run() throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(RatingBenchmark.class.getName())
            .shouldFailOnError(true)
            .addProfiler(GCProfiler.class)
            .jvmArgsAppend(
                "-XX:+UseG1GC",
                "-Xms512m",
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-D" + RatingBenchmark.EXAMPLES + "=" + examples.toAbsolutePath())
            .threads(1)
            .forks(1)
            .warmupIterations(quick ? 2 : 4)
            .warmupTime(TimeValue.milliseconds(1000))
            .measurementIterations(5)
            .measurementTime(TimeValue.milliseconds(quick ? 300 : 600));
    return new Runner(options.build()).run();
  }
}
