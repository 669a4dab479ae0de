package io.openclaw.sim;

import java.io.Console;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code openclaw chaos}: random faults over small fleets on virtual time, one run per
 * seed, and whether the limits held.
 *
 * <p>Exit code 0; 1 where some seed broke a limit; 2 for bad usage.
 */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    description =
        "Runs small fleets on virtual time through random faults, one run per seed, and checks that"
            + " no limit was exceeded over any interval.",
    footer = {
      "",
      "A run is made wholly by its seed: the one that failed is run again with --from SEED --seeds 1.",
      "Exit code: 0, or 1 where a limit was exceeded, or 2 for bad usage."
    })
public final class ChaosCommand implements Callable<Integer> {
  private static final int SEEDS_MAX = 10_000_000;
  private static final int SECONDS_MAX = 3600;
  private static final int PRINTED_MAX = 10;
  private static final int BATCH = 64;

  @Spec @Nullable CommandSpec spec;

  @Option(names = "--from", paramLabel = "SEED", description = "The first seed (${DEFAULT-VALUE}).")
  long from = 1;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "How many, one after the other (${DEFAULT-VALUE}).")
  int seeds = 100;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Virtual seconds of each run (${DEFAULT-VALUE}).")
  int seconds = 20;

  @Option(names = "--first", description = "End at the first seed that breaks a limit.")
  boolean first;

  @Override
  public Integer call() throws InterruptedException {
    CommandSpec command = java.util.Objects.requireNonNull(spec);
    between(command, "--seeds", seeds, SEEDS_MAX);
    between(command, "--seconds", seconds, SECONDS_MAX);
    PrintWriter out = command.commandLine().getOut();
    boolean shows = Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    long started = System.nanoTime();
    Totals totals = new Totals();
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors());
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      long next = from;
      while (next < from + seeds && !(first && totals.broken > 0)) {
        long end = Math.min(next + BATCH, from + seeds);
        for (Chaos.Result result : batch(pool, next, end)) {
          totals.add(result);
          if (!result.holds() && totals.broken <= PRINTED_MAX) {
            out.println(result);
            out.flush();
          }
        }
        next = end;
        if (shows) {
          System.err.printf("\r%d of %d seeds", next - from, seeds);
        }
      }
    }
    if (shows) {
      System.err.println();
    }
    out.println(totals.text(seconds, (System.nanoTime() - started) / 1e9));
    out.flush();
    return totals.broken == 0 ? 0 : 1;
  }

  private List<Chaos.Result> batch(ExecutorService pool, long begin, long end)
      throws InterruptedException {
    AtomicLong next = new AtomicLong(begin);
    List<Future<List<Chaos.Result>>> parts = new ArrayList<>();
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      parts.add(
          pool.submit(
              () -> {
                List<Chaos.Result> results = new ArrayList<>();
                for (long seed = next.getAndIncrement();
                    seed < end;
                    seed = next.getAndIncrement()) {
                  results.add(Chaos.run(seed, seconds));
                }
                return results;
              }));
    }
    List<Chaos.Result> all = new ArrayList<>();
    for (Future<List<Chaos.Result>> part : parts) {
      try {
        all.addAll(part.get());
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
    all.sort(java.util.Comparator.comparingLong(Chaos.Result::seed));
    return all;
  }

  private static void between(CommandSpec command, String option, int value, int max) {
    if (value < 1 || value > max) {
      throw new ParameterException(
          command.commandLine(), option + ": " + value + " (expected: 1 to " + max + ")");
    }
  }

  /** What all runs showed together. */
  private static final class Totals {
    private int runs;
    private int broken;
    private long admitted;
    private long denied;
    private long crashes;
    private long pauses;
    private long cuts;
    private double excess = Double.NEGATIVE_INFINITY;
    private double shares;

    void add(Chaos.Result result) {
      runs++;
      broken += result.holds() ? 0 : 1;
      admitted += result.admitted();
      denied += result.denied();
      crashes += result.crashes();
      pauses += result.pauses();
      cuts += result.cuts();
      excess = Math.max(excess, result.excess());
      shares = Math.max(shares, result.shares());
    }

    String text(int seconds, double took) {
      return String.format(
          Locale.ROOT,
          "%d seeds of %d s, %d crashes, %d pauses, %d cuts, %d tokens admitted, %d denials: %d over"
              + " the bound; largest excess %.6f tokens, shares in use sum to at most %.6f (%.1f s)",
          runs,
          seconds,
          crashes,
          pauses,
          cuts,
          admitted,
          denied,
          broken,
          excess,
          shares,
          took);
    }
  }
}
