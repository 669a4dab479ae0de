package io.openclaw.edge;

import io.openclaw.domain.Problem;
import io.openclaw.domain.Scope;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The way of many inputs of one caller: batches and jobs.
 *
 * <p>Each input goes the way of a single request, with its own admission and its own answer; what
 * they share is the caller, whose secret is compared once, and one slot of the limit on ratings
 * under way for each chunk of them. Thread-safe; never blocks.
 */
public final class Bulk {
  private final Edge edge;

  public Bulk(Edge edge) {
    this.edge = edge;
  }

  /**
   * Whose inputs they are.
   *
   * @param tenant the tenant's id
   * @param key the key's id, no secret
   */
  public record Caller(String tenant, String key) {}

  /** Whether a caller may do what is asked for. */
  public sealed interface Recognised {}

  /** The key is good. */
  public record Known(Caller caller) implements Recognised {}

  /** It is not. */
  public record Refused(Answered answer) implements Recognised {}

  /**
   * Who asks, before any input is read.
   *
   * @param authorization the {@code Authorization} header
   * @param tenantHeader the {@code x-tenant-id} header
   * @param needed what the key must be allowed to do
   */
  public Recognised recognise(
      @Nullable String authorization, @Nullable String tenantHeader, Scope needed) {
    return switch (edge.identify(authorization, tenantHeader, needed)) {
      case Outcome.Ok<Identified>(Identified who) ->
          new Known(new Caller(who.tenant().tenant().id(), who.key().key().id()));
      case Outcome.Refused<Identified> refused -> new Refused(Edge.refusal(refused));
    };
  }

  /**
   * Begins a chunk in today's directory; null where no slot is free now.
   *
   * @param yields whether single requests come first: it takes a slot only while less than half of
   *     them are taken, and leaves half of each limit
   */
  public @Nullable Chunk begin(Caller caller, boolean yields) {
    var concurrency = edge.concurrency();
    if (yields && concurrency.inFlight() * 2L >= concurrency.limit()) {
      return null;
    }
    return concurrency.tryAcquire(edge.clock().nanoTime())
        ? new Chunk(edge.identifyAgain(caller), yields)
        : null;
  }

  /** The answer to an input that found no slot in time. */
  public Answered overloaded() {
    return edge.overloaded();
  }

  /** The answer to an input of a caller that is refused before its way begins. */
  public static Answered refusal(Caller caller, Problem problem) {
    return new Answered(new byte[0], problem, caller.tenant(), "", "", null);
  }

  /** Inputs that are rated while one slot is held. */
  public final class Chunk {
    private final Outcome<Identified> who;
    private final boolean yields;

    private Chunk(Outcome<Identified> who, boolean yields) {
      this.who = who;
      this.yields = yields;
    }

    /** Why the caller may not rate any more, as when its key was revoked; null where it may. */
    public @Nullable Problem refused() {
      return who instanceof Outcome.Refused<Identified> refused ? refused.problem() : null;
    }

    /**
     * One input's answer; the stage never fails.
     *
     * @param requestId as its answer will name it
     */
    public CompletionStage<Answered> rate(byte[] input, String requestId) {
      return switch (who) {
        case Outcome.Ok<Identified>(Identified identified) ->
            edge.rateOne(
                identified,
                new Received(null, null, input, null, 1, edge.clock().nanoTime()),
                requestId,
                yields);
        case Outcome.Refused<Identified> refused ->
            CompletableFuture.completedFuture(Edge.refusal(refused));
      };
    }

    /** Gives the slot back, once. */
    public void end() {
      edge.concurrency().release(); // a chunk's time would say nothing of a single rating's
    }
  }
}
