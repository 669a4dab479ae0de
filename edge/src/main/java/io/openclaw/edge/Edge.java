package io.openclaw.edge;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Scope;
import io.openclaw.domain.Tenant;
import io.openclaw.domain.Violation;
import io.openclaw.limit.ConcurrencyLimit;
import io.openclaw.limit.Decision;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Limiter;
import io.openclaw.limit.Nest;
import io.openclaw.limit.QuotaNest;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.CapacityException;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelBusyException;
import io.openclaw.rating.ModelDeadlineException;
import io.openclaw.rating.ModelTrapException;
import io.openclaw.rating.NotDurableException;
import io.openclaw.rating.RatingModel;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way of a rating request, without HTTP: take a slot → identify → route → admit → rate →
 * answer.
 *
 * <p>Thread-safe and non-blocking; every step but a durable model's rating happens on the caller's
 * thread. A refused request spends no token.
 */
public final class Edge {
  /** How often a request is admitted anew because its right ended meanwhile. */
  private static final int ADMIT_ATTEMPTS_MAX = 2;

  private static final System.Logger LOG = System.getLogger("io.openclaw.edge");

  private final String region;
  private final Clock clock;
  private final Limiter limiter;
  private final Supplier<Directory> directory;
  private final ConcurrencyLimit concurrency;
  private final Holdings holdings;
  private final RatingCache cache;
  private final @Nullable Replays replays;
  private final Tries tries;

  /**
   * An edge of one region.
   *
   * @param holdings which region has which part of a limit
   * @param directory the current directory; read once per request
   * @param concurrency what bounds the ratings under way
   * @param cache the ratings of models that may be kept
   * @param replays the answers kept for idempotency keys; null where these are not heeded
   * @param tries what regions tell each other of a request's tries
   */
  public Edge(
      String region,
      Clock clock,
      Limiter limiter,
      Holdings holdings,
      Supplier<Directory> directory,
      ConcurrencyLimit concurrency,
      RatingCache cache,
      @Nullable Replays replays,
      Tries tries) {
    this.region = region;
    this.clock = clock;
    this.limiter = limiter;
    this.holdings = holdings;
    this.directory = directory;
    this.concurrency = concurrency;
    this.cache = cache;
    this.replays = replays;
    this.tries = tries;
  }

  /** As below, for nobody who watches. */
  public CompletionStage<Answered> rate(Received received, String requestId) {
    return rate(received, requestId, RequestWatch.NONE);
  }

  /**
   * Answers a rating request, or refuses it at once where no slot is free; the stage never fails.
   *
   * @param watch told of the request before it is rated
   */
  public CompletionStage<Answered> rate(Received received, String requestId, RequestWatch watch) {
    Replays kept = replays;
    String key = received.idempotencyKey();
    return kept == null || key == null
        ? rateNow(received, requestId, watch)
        : rateOnce(received, requestId, watch, kept, key);
  }

  /** Who asks must be known first: a key means something only within an API key. */
  private CompletionStage<Answered> rateOnce(
      Received received, String requestId, RequestWatch watch, Replays kept, String key) {
    return switch (identify(received)) {
      case Outcome.Ok<Identified>(Identified who) -> {
        watch.known(who.tenant().tenant().id(), "", "");
        yield kept.once(
            who.tenant().tenant().id(),
            who.key().key().id(),
            key,
            received.body(),
            () -> rateNow(received, requestId, watch));
      }
      case Outcome.Refused<Identified> refused ->
          CompletableFuture.completedFuture(refusal(refused));
    };
  }

  private CompletionStage<Answered> rateNow(
      Received received, String requestId, RequestWatch watch) {
    long startNanos = clock.nanoTime();
    if (!concurrency.tryAcquire(startNanos)) {
      return CompletableFuture.completedFuture(overloaded());
    }
    boolean working = false;
    try {
      Outcome<Admitted> outcome =
          identify(received).then(who -> admitted(received, who, requestId, false));
      return switch (outcome) {
        case Outcome.Ok<Admitted>(Admitted admitted) -> {
          Routed routed = admitted.routed();
          watch.known(
              routed.identity().tenant().tenant().id(), routed.model().name(), routed.variant());
          CompletionStage<Answered> rated = rate(admitted, requestId);
          working = true;
          yield ended(
              admitted, rated, requestId, () -> concurrency.release(startNanos, clock.nanoTime()));
        }
        case Outcome.Refused<Admitted> refused ->
            CompletableFuture.completedFuture(refusal(refused));
      };
    } finally {
      if (!working) {
        concurrency.release();
      }
    }
  }

  /**
   * What is answered in the end: the rating, or where the model failed perhaps a fallback's.
   *
   * @param slot gives the slot for ratings back, before a fallback is asked
   */
  private CompletionStage<Answered> ended(
      Admitted admitted, CompletionStage<Answered> rated, String requestId, Runnable slot) {
    Fallback fallback = admitted.routed().identity().tenant().fallback();
    if (fallback == null) {
      return rated.handle(
          (answered, failure) -> {
            slot.run();
            return settled(
                admitted, failure == null ? answered : failed(admitted, failure, requestId));
          });
    }
    return rated
        .handle(
            (answered, failure) -> {
              slot.run();
              return failure == null ? answered : failed(admitted, failure, requestId);
            })
        .thenCompose(answered -> orByFallback(admitted, answered, fallback, requestId))
        .thenApply(answered -> settled(admitted, answered));
  }

  /**
   * The answer, and what it costs: nothing where nothing was rated; else what was spent, unless a
   * later try is another region's to answer by now.
   */
  private Answered settled(Admitted admitted, Answered answered) {
    Tries.Spent spent = admitted.spent();
    if (isUnrated(answered)) {
      if (spent == null) {
        Routed routed = admitted.routed();
        long cost = routed.identity().tenant().tenant().cost();
        takeBack(routed.nest(), cost, admitted.byLimits(), admitted.byQuotas());
      } else {
        spent.takeBack();
      }
      return answered;
    }
    return spent == null || spent.answer()
        ? answered
        : new Answered(
            new byte[0], tooLate(), answered.tenant(), answered.model(), answered.variant(), null);
  }

  /** Whether the model, or its disk, had no room for the input; no other 503 follows admission. */
  private static boolean isUnrated(Answered answered) {
    Problem problem = answered.problem();
    return problem != null
        && (problem.type() == ProblemType.OVERLOADED || problem.type() == ProblemType.UNAVAILABLE);
  }

  private static Problem tooLate() {
    return Problem.of(
        ProblemType.MISDIRECTED, "another region has taken this request over; no token was spent");
  }

  /**
   * The way of one of many inputs of a caller who holds a slot for them; the stage never fails.
   *
   * @param yields whether it leaves half of each limit to others
   */
  CompletionStage<Answered> rateOne(
      Identified who, Received received, String requestId, boolean yields) {
    return switch (admitted(received, who, requestId, yields)) {
      case Outcome.Ok<Admitted>(Admitted admitted) ->
          ended(admitted, rate(admitted, requestId), requestId, () -> {});
      case Outcome.Refused<Admitted> refused -> CompletableFuture.completedFuture(refusal(refused));
    };
  }

  /** The steps before the rating, the same for every input. */
  private Outcome<Admitted> admitted(
      Received received, Identified who, String requestId, boolean yields) {
    Outcome<Routed> routed = route(received, who, requestId);
    return (yields ? routed.then(this::leaveHalf) : routed).then(this::admit);
  }

  /** Refuses what would take a limit below half of what it holds here; counts no denial. */
  private Outcome<Routed> leaveHalf(Routed routed) {
    long cost = routed.identity().tenant().tenant().cost();
    long nowNanos = routed.received().arrivedNanos();
    for (int i = 0; i < routed.nest().size(); i++) {
      Limit limit = routed.nest().limit(i);
      long most = limit.capTokens(nowNanos);
      if (most < cost) {
        continue; // never enough here: it must be denied and counted, which brings rights here
      }
      long wanted = Math.min(cost + most / 2, most);
      if (!limit.spec().dryRun() && limit.tokens(nowNanos) < wanted) {
        Decision.Denied denied = new Decision.Denied(limit, wanted, nowNanos);
        return refused(routed.identity(), Denial.problem(denied, holdings, region, nowNanos));
      }
    }
    return Outcome.ok(routed);
  }

  /** Who asks, where the key may do what is needed. */
  Outcome<Identified> identify(
      @Nullable String authorization, @Nullable String tenantHeader, Scope needed) {
    return Identification.identify(
        directory.get(), authorization, tenantHeader, needed, clock.wallMillis());
  }

  /** A caller whose key was compared before: whether it may still rate, in today's directory. */
  Outcome<Identified> identifyAgain(Bulk.Caller caller) {
    return Identification.identifyAgain(
        directory.get(), caller.key(), caller.tenant(), Scope.RATE, clock.wallMillis());
  }

  /** What bounds the ratings under way. */
  ConcurrencyLimit concurrency() {
    return concurrency;
  }

  Clock clock() {
    return clock;
  }

  Answered overloaded() {
    Problem problem =
        Problem.of(
                ProblemType.OVERLOADED,
                "more ratings are under way in region " + region + " than it finishes in time")
            .withRetryAfter(1);
    return new Answered(new byte[0], problem, "", "", "", null, Elsewhere.ANYWHERE);
  }

  /** The only step that reads the directory: all that follows is what the tenant's entry holds. */
  private Outcome<Identified> identify(Received received) {
    return identify(received.authorization(), received.tenantHeader(), Scope.RATE);
  }

  private Outcome<Routed> route(Received received, Identified who, String requestId) {
    Json body;
    try {
      body = JsonReader.read(received.body());
    } catch (JsonSyntaxException e) {
      return refused(who, Problem.notJson(e));
    }
    if (!(body instanceof Json.Obj input)) {
      return refused(
          who,
          Problem.of(
              ProblemType.INVALID_INPUT,
              "the input does not fit",
              List.of(new Violation("", body.typeName() + " (expected: an object)"))));
    }
    Directory.Served served = modelFor(who.tenant().models(), input);
    Canary canary = served.canary();
    if (canary == null || canary.isStopped()) {
      return checked(
          received, who, served, served.model(), input, check(served.model(), input), null);
    }
    Canary.Request request =
        new Canary.Request(input, canary.hash(who.key().key().id(), input), requestId);
    return tried(received, who, served, canary, request);
  }

  /**
   * Lets the version that a canary chooses check the input. What the tried version refuses and the
   * stable one takes is a failure of the tried version, and the stable one's to rate.
   */
  private Outcome<Routed> tried(
      Received received,
      Identified who,
      Directory.Served served,
      Canary canary,
      Canary.Request request) {
    RatingModel stable = served.model();
    boolean byCanary = canary.takes(request.hash());
    RatingModel model = byCanary ? canary.model() : stable;
    long startNanos = clock.nanoTime();
    Checked checked;
    String why;
    try {
      checked = model.check(request.input());
      why = "refuses an input that the stable version takes";
    } catch (RuntimeException | StackOverflowError e) {
      checked =
          byCanary
              ? new Checked.Invalid(List.of(new Violation("", "the model failed on it")))
              : failing(e);
      why = "checking the input: " + e;
    }
    long nanos = clock.nanoTime() - startNanos;
    if (byCanary
        && checked instanceof Checked.Invalid
        && check(stable, request.input()) instanceof Checked.Ready ready) {
      canary.failed(request, true, nanos, why);
      return checked(received, who, served, stable, request.input(), ready, null);
    }
    Trial trial = new Trial(canary, stable, request, byCanary, nanos);
    return checked(received, who, served, model, request.input(), checked, trial);
  }

  /** Where the model breaks on it, an input whose rating fails: that is no fault of the client. */
  private static Checked check(RatingModel model, Json.Obj input) {
    try {
      return model.check(input);
    } catch (RuntimeException | StackOverflowError e) {
      return failing(e);
    }
  }

  private static Checked.Ready failing(Throwable why) {
    return attempt -> CompletableFuture.failedFuture(why);
  }

  private Outcome<Routed> checked(
      Received received,
      Identified who,
      Directory.Served served,
      RatingModel model,
      Json.Obj input,
      Checked checked,
      @Nullable Trial trial) {
    if (received.query() != null && !model.isDeterministic()) {
      return refused(who, notQueryable(model));
    }
    return switch (checked) {
      case Checked.Ready ready ->
          Outcome.ok(Routed.of(received, who, model, ready, input, trial, served));
      case Checked.Invalid(List<Violation> violations) ->
          refused(
              who,
              Problem.of(
                  ProblemType.INVALID_INPUT,
                  violations.size() == 1
                      ? "1 member does not fit the model " + model.name()
                      : violations.size() + " members do not fit the model " + model.name(),
                  violations));
    };
  }

  private static Problem notQueryable(RatingModel model) {
    return Problem.of(
        ProblemType.NOT_QUERYABLE,
        "the model "
            + model.name()
            + " counts what it rates, so that no rating is safe (expected: POST)");
  }

  /**
   * The first model that recognises the input; the tenant's first model explains what is wrong with
   * any other.
   */
  private static Directory.Served modelFor(List<Directory.Served> models, Json.Obj input) {
    if (models.size() > 1) {
      for (Directory.Served served : models) {
        if (served.model().recognises(input)) {
          return served;
        }
      }
    }
    return models.getFirst();
  }

  private Outcome<Admitted> admit(Routed routed) {
    Identified who = routed.identity();
    String id = tryOf(routed);
    if (id != null && tries.isLate(id, routed.received().attemptNumber())) {
      return refused(who, tooLate());
    }
    Nest nest = routed.nest();
    if (nest.size() == 0) {
      return admitByQuotas(routed, id);
    }
    long cost = who.tenant().tenant().cost();
    long nowNanos =
        routed.received().arrivedNanos(); // a little ago: a bucket may earn less, not more
    // A thread may be held up so long that its right is gone: then it asks once more.
    for (int attempt = 0; attempt < ADMIT_ATTEMPTS_MAX; attempt++) {
      switch (limiter.admit(nest, cost, nowNanos)) {
        case Decision.Denied denied -> {
          return new Outcome.Refused<>(
              Denial.problem(denied, holdings, region, nowNanos),
              who,
              RateLimit.of(denied, nowNanos),
              elsewhere(routed.received(), denied.by()));
        }
        case Decision.Admitted admitted -> {
          switch (routed.quotas().take(cost)) {
            case QuotaNest.Denied denied -> {
              limiter.giveBack(nest, admitted, cost, nowNanos);
              return denied(routed, denied);
            }
            case QuotaNest.Taken taken -> {
              nowNanos = clock.nanoTime();
              if (limiter.confirm(nest, admitted, cost, nowNanos)) {
                return Outcome.ok(paid(routed, id, admitted, taken, nowNanos));
              }
              taken.giveBack();
            }
          }
        }
      }
    }
    return refused(
        who,
        Problem.of(ProblemType.UNAVAILABLE, "the region was held up while it admitted the request")
            .withRetryAfter(1));
  }

  private RateLimit rateLimit(Routed routed, Decision.@Nullable Admitted admitted, long nowNanos) {
    long wallMillis = routed.quotas().size() == 0 ? 0 : clock.wallMillis();
    return RateLimit.of(routed, admitted, nowNanos, wallMillis);
  }

  /** Where there is no limit but perhaps quotas. */
  private Outcome<Admitted> admitByQuotas(Routed routed, @Nullable String id) {
    if (routed.quotas().size() == 0) {
      return Outcome.ok(new Admitted(routed, null, null, null, null));
    }
    return switch (routed.quotas().take(routed.identity().tenant().tenant().cost())) {
      case QuotaNest.Denied denied -> denied(routed, denied);
      case QuotaNest.Taken taken -> Outcome.ok(paid(routed, id, null, taken, 0));
    };
  }

  private Admitted paid(
      Routed routed,
      @Nullable String id,
      Decision.@Nullable Admitted byLimits,
      QuotaNest.Taken byQuotas,
      long nowNanos) {
    Nest nest = routed.nest(); // tries are remembered for long, and must not hold a whole request
    long cost = routed.identity().tenant().tenant().cost();
    Tries.Spent spent =
        id == null
            ? null
            : tries.admitted(
                id,
                routed.received().attemptNumber(),
                () -> takeBack(nest, cost, byLimits, byQuotas));
    RateLimit headers = rateLimit(routed, byLimits, nowNanos);
    return new Admitted(routed, headers, byLimits, byQuotas, spent);
  }

  private void takeBack(
      Nest nest,
      long cost,
      Decision.@Nullable Admitted byLimits,
      QuotaNest.@Nullable Taken byQuotas) {
    if (byLimits != null) {
      limiter.takeBack(nest, byLimits, cost, clock.nanoTime());
    }
    if (byQuotas != null) {
      byQuotas.giveBack();
    }
  }

  private Outcome<Admitted> denied(Routed routed, QuotaNest.Denied denied) {
    long wallMillis = clock.wallMillis();
    String most = denied.by().elsewhere(denied.cost());
    return new Outcome.Refused<>(
        Denial.problem(denied, most != null, region, wallMillis),
        routed.identity(),
        RateLimit.of(denied, wallMillis),
        most == null || routed.received().attemptId() == null
            ? null
            : new Elsewhere(most, Elsewhere.MILLIS));
  }

  /** Only a router can act on it. */
  private @Nullable Elsewhere elsewhere(Received received, Limit limit) {
    return received.attemptId() == null
        ? null
        : Elsewhere.of(limit, region, holdings.of(limit.spec().id()));
  }

  private CompletionStage<Answered> rate(Admitted admitted, String requestId) {
    return admitted.routed().isReusable()
        ? reuse(admitted, requestId)
        : rateNew(admitted, requestId);
  }

  /**
   * Answers with the tag, the rating that is kept, or a new one. While a canary is tried both
   * versions rate everything, so that they are compared by the same work.
   */
  private CompletionStage<Answered> reuse(Admitted admitted, String requestId) {
    Routed routed = admitted.routed();
    RatingKey key = routed.key();
    int maxAge = routed.trial() == null && cache.isOn() ? routed.maxAgeSeconds() : 0;
    Query query = routed.received().query();
    if (query != null && query.has(key.tag())) {
      return CompletableFuture.completedStage(
          answered(admitted, new byte[0]).with(Reuse.notModified(key, maxAge)));
    }
    if (maxAge == 0) {
      return rateNew(admitted, requestId)
          .thenApply(
              answered ->
                  answered.problem() == null
                          && answered.reuse() == null
                          && answered.variant().equals(routed.variant())
                      ? answered.with(Reuse.of(key, 0, 0))
                      : answered); // another version than the tag's answered, or none, or not fully
    }
    return cache
        .rate(key, maxAge, () -> rating(routed))
        .handle(
            (kept, failure) ->
                failure != null
                    ? failed(admitted, failure, requestId)
                    : kept.rating().provisional()
                        ? answer(admitted, kept.rating(), requestId)
                        : answer(admitted, kept.rating(), requestId)
                            .with(Reuse.of(key, maxAge, kept.ageSeconds(clock.wallMillis()))));
  }

  private CompletionStage<Answered> rateNew(Admitted admitted, String requestId) {
    Trial trial = admitted.routed().trial();
    CompletionStage<Rating> rating =
        trial == null ? rating(admitted.routed()) : rating(admitted.routed(), trial);
    return trial != null && trial.byCanary()
        ? rating
            .handle(
                (value, failure) ->
                    failure == null
                        ? CompletableFuture.completedStage(answer(admitted, value, requestId))
                        : rateAgain(admitted, trial, failure, requestId))
            .thenCompose(answer -> answer)
        : rating.handle(
            (value, failure) ->
                failure == null
                    ? answer(admitted, value, requestId)
                    : failed(admitted, failure, requestId));
  }

  private CompletionStage<Rating> rating(Routed routed) {
    try {
      return routed.input().rate(attemptOf(routed));
    } catch (RuntimeException | StackOverflowError e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Rates, and counts it for or against the version that did. */
  private CompletionStage<Rating> rating(Routed routed, Trial trial) {
    long startNanos = clock.nanoTime();
    return rating(routed)
        .whenComplete(
            (rating, failure) -> {
              long nanos = trial.checkNanos() + clock.nanoTime() - startNanos;
              if (failure == null) {
                trial.canary().rated(trial.request(), trial.byCanary(), nanos, rating);
              } else {
                trial.canary().failed(trial.request(), trial.byCanary(), nanos, failure.toString());
              }
            });
  }

  /** A canary that fails costs no client an answer: the stable version gives it. */
  private CompletionStage<Answered> rateAgain(
      Admitted admitted, Trial trial, Throwable failure, String requestId) {
    if (check(trial.stable(), trial.request().input()) instanceof Checked.Ready ready) {
      return rate(admitted.by(admitted.routed().by(trial.stable(), ready)), requestId);
    }
    return CompletableFuture.completedStage(failed(admitted, failure, requestId));
  }

  /**
   * The request that this is a try of, within its tenant and key, so that no client can touch
   * another's; null where no router numbers it. Neither a tenant's name has a slash nor a key's id
   * a dot, so that no two are alike.
   */
  private static @Nullable String tryOf(Routed routed) {
    String id = routed.received().attemptId();
    Identified who = routed.identity();
    return id == null ? null : who.tenant().tenant().id() + "/" + who.key().key().id() + "." + id;
  }

  private Attempt attemptOf(Routed routed) {
    String id = tryOf(routed);
    return id == null ? Attempt.ONCE : new Attempt(id, routed.received().attemptNumber());
  }

  private Answered answer(Admitted admitted, Rating rating, String requestId) {
    Routed routed = admitted.routed();
    byte[] body =
        AnswerJson.write(
            rating,
            routed.model().name(),
            routed.model().version(),
            routed.variant(),
            routed.identity().tenant().tenant().threshold(),
            region,
            requestId);
    Answered answered = answered(admitted, body);
    return rating.provisional() ? answered.with(Reuse.PROVISIONAL) : answered;
  }

  private static Answered answered(Admitted admitted, byte[] body) {
    Routed routed = admitted.routed();
    String tenant = routed.identity().tenant().tenant().id();
    return new Answered(
        body, null, tenant, routed.model().name(), routed.variant(), admitted.rateLimit());
  }

  /**
   * The answer, or another service's where the model failed; not where it has too much to do, which
   * must not be handed on.
   */
  private CompletionStage<Answered> orByFallback(
      Admitted admitted, Answered answered, Fallback fallback, String requestId) {
    Problem problem = answered.problem();
    return problem == null || problem.type() == ProblemType.OVERLOADED
        ? CompletableFuture.completedStage(answered)
        : fallback
            .rate(admitted.routed().received(), requestId)
            .thenApply(
                rating ->
                    rating.map(value -> byFallback(admitted, value, requestId)).orElse(answered));
  }

  private Answered byFallback(Admitted admitted, Decimal value, String requestId) {
    Routed routed = admitted.routed();
    Tenant tenant = routed.identity().tenant().tenant();
    byte[] body =
        AnswerJson.write(
            new Rating(value, List.of(), null),
            Answered.FALLBACK,
            Answered.FALLBACK,
            Answered.FALLBACK,
            tenant.threshold(),
            region,
            requestId);
    return new Answered(
        body, null, tenant.id(), routed.model().name(), Answered.FALLBACK, admitted.rateLimit());
  }

  private static Answered failed(Admitted admitted, Throwable failure, String requestId) {
    Routed routed = admitted.routed();
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    Problem problem =
        switch (cause) {
          case NotDurableException e ->
              Problem.of(ProblemType.UNAVAILABLE, "the rating could not be written to disk")
                  .withRetryAfter(1);
          case CapacityException e ->
              Problem.of(ProblemType.UNAVAILABLE, String.valueOf(e.getMessage()))
                  .withRetryAfter(60);
          case ModelBusyException e ->
              Problem.of(ProblemType.OVERLOADED, String.valueOf(e.getMessage())).withRetryAfter(1);
          case ModelDeadlineException e ->
              Problem.of(ProblemType.DEADLINE_EXCEEDED, String.valueOf(e.getMessage()));
          case ModelTrapException e -> {
            LOG.log(
                Level.WARNING,
                () ->
                    "model "
                        + routed.model().name()
                        + ", request "
                        + requestId
                        + ": "
                        + e.getMessage());
            yield Problem.of(
                ProblemType.INTERNAL,
                "the model " + routed.model().name() + " broke off on this input");
          }
          default -> {
            LOG.log(
                Level.ERROR,
                () -> "model " + routed.model().name() + " failed, request " + requestId,
                cause);
            yield Problem.of(
                ProblemType.INTERNAL,
                "the model " + routed.model().name() + " failed on this input");
          }
        };
    return new Answered(
        new byte[0],
        problem,
        routed.identity().tenant().tenant().id(),
        routed.model().name(),
        routed.variant(),
        admitted.rateLimit(),
        // The region is well but for this model, so that only this request should go elsewhere.
        problem.type() == ProblemType.OVERLOADED ? Elsewhere.ANYWHERE : null);
  }

  private static <T> Outcome<T> refused(Identified who, Problem problem) {
    return new Outcome.Refused<>(problem, who, null, null);
  }

  static Answered refusal(Outcome.Refused<?> refused) {
    @Nullable Identified who = refused.identity();
    return new Answered(
        new byte[0],
        refused.problem(),
        who == null ? "" : who.tenant().tenant().id(),
        "",
        "",
        refused.rateLimit(),
        refused.elsewhere());
  }

  /** The caller's limits, as {@code GET /v1/limits} shows them. */
  public Answered limits(@Nullable String authorization, @Nullable String tenantHeader) {
    return show(
        authorization,
        tenantHeader,
        who -> Introspection.limits(who, limiter, holdings, region, clock));
  }

  /** The caller's models, as {@code GET /v1/models} shows them. */
  public Answered models(@Nullable String authorization, @Nullable String tenantHeader) {
    return show(authorization, tenantHeader, Introspection::models);
  }

  /** One of the caller's models, as {@code GET /v1/models/{name}} shows it. */
  public Answered model(
      @Nullable String authorization, @Nullable String tenantHeader, String name) {
    Outcome<Identified> outcome = identify(authorization, tenantHeader, Scope.READ);
    if (outcome instanceof Outcome.Ok<Identified>(Identified who)) {
      for (Directory.Served served : who.tenant().models()) {
        if (served.model().name().equals(name)) {
          return new Answered(
              Introspection.model(served.model()), null, who.tenant().tenant().id(), "", "", null);
        }
      }
      return refusal(
          new Outcome.Refused<>(
              Problem.of(ProblemType.NOT_FOUND, "no model of this name (see /v1/models)"),
              who,
              null,
              null));
    }
    return refusal((Outcome.Refused<Identified>) outcome);
  }

  private Answered show(
      @Nullable String authorization,
      @Nullable String tenantHeader,
      java.util.function.Function<Identified, byte[]> page) {
    Outcome<Identified> outcome = identify(authorization, tenantHeader, Scope.READ);
    return switch (outcome) {
      case Outcome.Ok<Identified>(Identified who) ->
          new Answered(page.apply(who), null, who.tenant().tenant().id(), "", "", null);
      case Outcome.Refused<Identified> refused -> refusal(refused);
    };
  }

  /** Whether the header carries the one administrator key whose SHA-256 this is. */
  public static boolean isAdmin(@Nullable String authorization, byte[] sha256) {
    return Identification.isAdmin(authorization, sha256);
  }
}
