package io.openclaw.app;

import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A fault done to an installation that serves somebody, and what undoes it.
 *
 * <p>{@link #undo} ends what still does it before it undoes it, so that nothing of the fault comes
 * after; who calls it while it is under way waits for its end. Thread-safe.
 */
final class LiveFault {
  private static final int UNDO_TRIES = 3;
  private static final int UNDO_SECONDS_MAX = 60;

  /** A part of it that can fail. */
  interface Step {
    void run() throws IOException, ConfigException, InterruptedException;
  }

  private final @Nullable String command;
  private final Step begin;
  private final Step end;
  private final String byHand;
  private @Nullable Process running;
  private boolean ended;
  private boolean undone;

  private LiveFault(@Nullable String command, Step begin, Step end, String byHand) {
    this.command = command;
    this.begin = begin;
    this.end = end;
    this.byHand = byHand;
  }

  /** Done and undone by two orders. */
  static LiveFault order(Step begin, Step end, String byHand) {
    return new LiveFault(null, begin, end, byHand);
  }

  /** Done and undone by two commands; the first may last for as long as the fault. */
  static LiveFault command(String run, String undo) {
    return new LiveFault(run, () -> {}, () -> await(start(undo), undo), undo);
  }

  /** Begins; a command is not waited for. */
  synchronized void begin() throws IOException, ConfigException, InterruptedException {
    if (ended) {
      throw new InterruptedException("stopped before it began");
    }
    begin.run();
    if (command != null) {
      running = start(command);
    }
  }

  /**
   * Looks after the command that does it.
   *
   * @throws IOException where it failed
   */
  synchronized void check() throws IOException {
    Process process = running;
    if (process != null && !process.isAlive() && process.exitValue() != 0 && !ended) {
      throw new IOException("sh -c " + command + " ended with " + process.exitValue());
    }
  }

  /** Undoes it, once, in three tries; says on standard error what to do by hand where it cannot. */
  synchronized boolean undo() {
    if (ended) {
      return undone;
    }
    ended = true;
    String why = "";
    for (int i = 0; i < UNDO_TRIES && !undone; i++) {
      try {
        if (running != null) {
          kill(running);
        }
        end.run();
        undone = true;
      } catch (IOException | ConfigException e) {
        why = String.valueOf(e.getMessage());
      } catch (InterruptedException e) {
        why = "interrupted";
      }
    }
    if (!undone) {
      System.err.println("openclaw drill: NOT UNDONE: " + why + "; do it by hand: " + byHand);
    }
    return undone;
  }

  private static Process start(String command) throws IOException {
    return new ProcessBuilder("sh", "-c", command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void await(Process process, String command)
      throws IOException, InterruptedException {
    if (!process.waitFor(UNDO_SECONDS_MAX, TimeUnit.SECONDS)) {
      kill(process);
      throw new IOException("sh -c " + command + " did not end within " + UNDO_SECONDS_MAX + " s");
    }
    if (process.exitValue() != 0) {
      throw new IOException("sh -c " + command + " ended with " + process.exitValue());
    }
  }

  /** With all that it started; the shell first, lest it go on to its next command. */
  private static void kill(Process process) throws InterruptedException {
    List<ProcessHandle> started = process.descendants().toList();
    process.destroyForcibly();
    started.forEach(ProcessHandle::destroyForcibly);
    process.waitFor();
  }
}
