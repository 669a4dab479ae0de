package io.openclaw.edge;

import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Decides whether a service that may be broken is asked at all. Closed, it lets everything through;
 * after several failures it is open and lets nothing through; after a pause that doubles it is half
 * open and lets through one question at a time, until a few in a row went well.
 *
 * <p>Probes open it too, keep it open while they fail, and make it half open when they go well
 * again; only answers close it, since a service can be healthy and not rate. Told the time and
 * handed randomness; thread-safe.
 *
 * @see <a href="https://martinfowler.com/bliki/CircuitBreaker.html">Fowler, CircuitBreaker</a>
 */
public class CircuitBreaker {
  /** Not a permit: the service must not be asked. */
  public static final long DENIED = -1;

  /** Failures in a row that open it. */
  static final int FAILURES_IN_A_ROW = 5;

  /** How many of the newest answers are looked at. */
  static final int WINDOW = 20;

  /** Failures among those that open it. */
  static final int FAILURES_IN_WINDOW = 10;

  /** Failed probes in a row that open it. */
  static final int PROBES_IN_A_ROW = 2;

  /** Answers in a row that close it. */
  static final int ANSWERS_TO_CLOSE = 2;

  /** The first pause; each is the double of the one before. */
  static final long PAUSE_NANOS_MIN = 1_000_000_000L;

  static final long PAUSE_NANOS_MAX = 30_000_000_000L;

  /** When a question whose end nobody told is forgotten. */
  static final long TRIAL_NANOS_MAX = 15_000_000_000L;

  private static final int WINDOW_MASK = (1 << WINDOW) - 1;
  private static final int ROW_MASK = (1 << FAILURES_IN_A_ROW) - 1;
  private static final int DOUBLINGS_MAX = 10;

  /** Whether questions are let through. */
  public enum State {
    CLOSED,
    OPEN,
    HALF_OPEN;

    /** Its name in answers and metrics. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private final RandomGenerator random;
  private State state = State.CLOSED;

  /** The state's number: what ends in a later one than it began in says nothing about that. */
  private long life;

  /** The newest answers, a bit each, 1 for a failure. */
  private int failures;

  private int probeFailures;
  private int answersInARow;
  private int pauses;
  private long openedNanos;
  private long pauseNanos;
  private boolean trying;
  private long triedNanos;

  /** A closed one. */
  public CircuitBreaker(RandomGenerator random) {
    this.random = random;
  }

  /** The state at that time. */
  public synchronized State state(long nowNanos) {
    if (state == State.OPEN && probeFailures == 0 && nowNanos - openedNanos >= pauseNanos) {
      become(State.HALF_OPEN);
    }
    return state;
  }

  /**
   * A permit to ask once, to be handed back with how that ended; or {@link #DENIED}, where the
   * state is open, or half open and somebody is asking.
   */
  public synchronized long tryAcquire(long nowNanos) {
    return switch (state(nowNanos)) {
      case CLOSED -> life;
      case OPEN -> DENIED;
      case HALF_OPEN -> {
        if (trying && nowNanos - triedNanos < TRIAL_NANOS_MAX) {
          yield DENIED;
        }
        trying = true;
        triedNanos = nowNanos;
        yield life;
      }
    };
  }

  /** The service answered. */
  public synchronized void answered(long permit) {
    if (permit != life) {
      return;
    }
    if (state == State.CLOSED) {
      failures = failures << 1 & WINDOW_MASK;
    } else if (state == State.HALF_OPEN) {
      trying = false;
      if (++answersInARow >= ANSWERS_TO_CLOSE) {
        pauses = 0;
        become(State.CLOSED);
      }
    }
  }

  /** The service failed. */
  public synchronized void failed(long permit, long nowNanos) {
    if (permit != life) {
      return;
    }
    if (state == State.CLOSED) {
      failures = (failures << 1 | 1) & WINDOW_MASK;
      if ((failures & ROW_MASK) == ROW_MASK || Integer.bitCount(failures) >= FAILURES_IN_WINDOW) {
        open(nowNanos);
      }
    } else if (state == State.HALF_OPEN) {
      open(nowNanos);
    }
  }

  /** The question was given up for a reason that says nothing about the service. */
  public synchronized void returned(long permit) {
    if (permit == life && state == State.HALF_OPEN) {
      trying = false;
    }
  }

  /** A probe ended. */
  public synchronized void probed(boolean good, long nowNanos) {
    probeFailures = good ? 0 : probeFailures + 1;
    if (good && state == State.OPEN) {
      become(State.HALF_OPEN);
    } else if (!good
        && (state == State.HALF_OPEN
            || state == State.CLOSED && probeFailures >= PROBES_IN_A_ROW)) {
      open(nowNanos);
    }
  }

  private void open(long nowNanos) {
    become(State.OPEN);
    openedNanos = nowNanos;
    long full = Math.min(PAUSE_NANOS_MIN << Math.min(pauses, DOUBLINGS_MAX), PAUSE_NANOS_MAX);
    pauseNanos = full / 2 + random.nextLong(full / 2 + 1);
    pauses++;
  }

  private void become(State next) {
    state = next;
    life++;
    failures = 0;
    answersInARow = 0;
    trying = false;
  }
}
