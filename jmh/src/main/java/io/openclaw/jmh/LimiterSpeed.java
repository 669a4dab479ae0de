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
import org.openjdk.jmh.annotations.Mode;
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
import org.openjdk.jmh.util.Statistics;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures {@link LimiterBenchmark} with one thread and with two, and then how the times of single
 * decisions of this program's limiter are spread.
 */
@Command(
    name = "LimiterSpeed",
    mixinStandardHelpOptions = true,
    description = {
      "Measures one decision of each limiter, with one thread and with two. Standard output is",
      "JMH's. In the folder, a line of the file",
      "  cases    is: threads, keys, path, peer, nanoseconds per decision (median, least and",
      "           most of the iterations), bytes per decision;",
      "  samples  is: keys, p50 and p99 of single admissions of openclaw by one thread, in",
      "           nanoseconds; of nothing, for what reading the clock adds, where keys is 0."
    })
public final class LimiterSpeed implements Callable<Integer> {
  private static final int[] THREADS = {1, 2};

  /**
   * The first measures everything; the others once more what is judged, so that other work on the
   * machine meets both sides.
   */
  private static final int ROUNDS = 5;

  /** The program's own collector; a heap that does not grow while it is measured. */
  private static final String[] JVM_FLAGS = {"-XX:+UseG1GC", "-Xms512m", "-Xmx512m"};

  @Option(names = "--output", required = true, description = "the folder to write to")
  private Path output = Path.of("");

  @Option(names = "--quick", description = "only openclaw and bucket4j, only what is admitted")
  private boolean quick;

  private final Map<String, Figures> cases = new LinkedHashMap<>();

  private LimiterSpeed() {}

  /** Runs the command. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new LimiterSpeed()).execute(args));
  }

  @Override
  public Integer call() throws IOException, RunnerException {
    for (int round = 0; round < (quick ? 1 : ROUNDS); round++) {
      for (int threads : THREADS) {
        ChainedOptionsBuilder options =
            options(LimiterBenchmark.class).threads(threads).addProfiler(GCProfiler.class);
        if (quick || round > 0) {
          options.param("peer", "openclaw", "bucket4j").param("path", "admitted");
        }
        for (RunResult result : new Runner(options.build()).run()) {
          cases.computeIfAbsent(name(threads, result), name -> new Figures()).add(result);
        }
      }
    }
    List<String> lines = new ArrayList<>();
    cases.forEach((name, figures) -> lines.add(name + " " + figures.line()));
    Files.write(output.resolve("cases"), lines);
    Files.write(output.resolve("samples"), samples());
    return 0;
  }

  private List<String> samples() throws RunnerException {
    List<String> lines = new ArrayList<>();
    ChainedOptionsBuilder options =
        options(LimiterBenchmark.class)
            .mode(Mode.SampleTime)
            .param("peer", "openclaw")
            .param("path", "admitted");
    for (RunResult result : new Runner(options.build()).run()) {
      lines.add(sample(result.getParams().getParam("keys"), result));
    }
    lines.add(sample("0", new Runner(options(ClockBenchmark.class).build()).runSingle()));
    return lines;
  }

  private ChainedOptionsBuilder options(Class<?> benchmark) {
    return new OptionsBuilder()
        .include(benchmark.getName())
        .shouldFailOnError(true)
        .jvmArgsAppend(JVM_FLAGS)
        .forks(1)
        .warmupIterations(2)
        .warmupTime(TimeValue.milliseconds(500))
        .measurementIterations(quick ? 3 : 5)
        .measurementTime(TimeValue.milliseconds(quick ? 300 : 400));
  }

  private static String name(int threads, RunResult result) {
    return String.join(
        " ",
        String.valueOf(threads),
        result.getParams().getParam("keys"),
        result.getParams().getParam("path"),
        result.getParams().getParam("peer"));
  }

  /** The iterations of one case, over all rounds. */
  private static final class Figures {
    private final ListStatistics nanos = new ListStatistics();
    private final ListStatistics bytes = new ListStatistics();

    void add(RunResult result) {
      for (BenchmarkResult fork : result.getBenchmarkResults()) {
        for (IterationResult iteration : fork.getIterationResults()) {
          nanos.addValue(iteration.getPrimaryResult().getScore());
          Result<?> allocated = iteration.getSecondaryResults().get("gc.alloc.rate.norm");
          if (allocated == null) {
            throw new IllegalStateException(
                "no gc.alloc.rate.norm in " + iteration.getSecondaryResults());
          }
          bytes.addValue(allocated.getScore());
        }
      }
    }

    String line() {
      return String.join(
          " ",
          decimal(nanos.getPercentile(50)),
          decimal(nanos.getMin()),
          decimal(nanos.getMax()),
          decimal(bytes.getPercentile(50)));
    }
  }

  private static String sample(String keys, RunResult result) {
    Statistics nanos = result.getPrimaryResult().getStatistics();
    return String.join(
        " ", keys, decimal(nanos.getPercentile(50)), decimal(nanos.getPercentile(99)));
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
