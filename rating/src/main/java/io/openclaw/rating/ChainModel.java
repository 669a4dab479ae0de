package io.openclaw.rating;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Violation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Models one after another: each stage answers where its rating lies in its range, or hands its
 * rating on as a field of later ones; the last answers, or the fallback does.
 *
 * <p>A stage fails where its model does, where it is not done in its time, or where it does not
 * take the rating that an earlier stage passed it; then the chain fails as it did, or goes on with
 * the next, which does without what the failed one would have passed. A stage that computes on the
 * caller's thread is not interrupted: its time counts only until it hands the thread back.
 *
 * <p>An input is held against all stages before any rates it, with the example of its field for
 * what is passed later. The answer's outputs are the answering stage's and its name, {@code stage}.
 * A rating that was reached past a failed stage is provisional.
 *
 * <p>Thread-safe; as deterministic as its stages.
 */
public final class ChainModel extends DocumentModel {
  /** Stages of one chain. */
  public static final int STAGES_MAX = 16;

  /** The longest deadline. */
  public static final int DEADLINE_MILLIS_MAX = 60_000;

  /** What the answer's outputs call the stage that answered. */
  public static final String STAGE = "stage";

  private final List<ChainReader.Stage> stages;
  private final @Nullable Rating fallback;
  private final Deadlines deadlines;
  private final boolean deterministic;

  ChainModel(ModelSource source, ChainReader.Read read, Deadlines deadlines) {
    super(source, "chain", read.schema());
    stages = read.stages();
    fallback = read.fallback() == null ? null : named(read.fallback(), "fallback");
    this.deadlines = deadlines;
    deterministic = stages.stream().allMatch(stage -> stage.model().isDeterministic());
  }

  private static Rating named(Rating rating, String stage) {
    Map<String, Json> outputs = new LinkedHashMap<>();
    outputs.put(STAGE, new Json.Str(stage));
    if (rating.outputs() != null) {
      outputs.putAll(rating.outputs().members());
    }
    return new Rating(rating.value(), rating.reasons(), rating.item(), new Json.Obj(outputs));
  }

  @Override
  public boolean isDeterministic() {
    return deterministic;
  }

  @Override
  public Checked check(Json.Obj input) {
    Set<Violation> violations = new LinkedHashSet<>(schema().violations(input));
    List<Checked.@Nullable Ready> readies = new ArrayList<>(stages.size());
    for (ChainReader.Stage stage : stages) {
      switch (stage.model().check(stage.takes().isEmpty() ? input : withExamples(input, stage))) {
        case Checked.Ready ready -> readies.add(stage.takes().isEmpty() ? ready : null);
        case Checked.Invalid(List<Violation> found) -> {
          for (Violation each : found) {
            if (stage.takes().stream().noneMatch(f -> isWithin(each.pointer(), f))
                && violations.stream().noneMatch(v -> v.pointer().equals(each.pointer()))) {
              violations.add(each);
            }
          }
          readies.add(null);
        }
      }
    }
    return violations.isEmpty()
        ? new Run(input, readies)
        : new Checked.Invalid(violations.stream().limit(InputSchema.VIOLATIONS_MAX).toList());
  }

  private static boolean isWithin(String pointer, String field) {
    String of = Violation.pointerTo(field);
    return pointer.equals(of) || pointer.startsWith(of + "/");
  }

  /** The input with a value of each field that earlier stages will pass. */
  private static Json.Obj withExamples(Json.Obj input, ChainReader.Stage stage) {
    Json.Obj example = stage.model().schema().example();
    Map<String, Json> members = new LinkedHashMap<>(input.members());
    for (String field : stage.takes()) {
      Json value = example.get(field);
      if (value != null) {
        members.put(field, value);
      }
    }
    return new Json.Obj(members);
  }

  @Override
  protected Checked ready(Json.Obj input) {
    return check(input);
  }

  /** One input on its way through the stages, which it takes one at a time. */
  private final class Run implements Checked.Ready {
    private final Map<String, Json> members;
    private final List<Checked.@Nullable Ready> readies;
    private boolean provisional;

    Run(Json.Obj input, List<Checked.@Nullable Ready> readies) {
      this.members = new LinkedHashMap<>(input.members());
      stages.forEach(stage -> members.remove(stage.passes()));
      this.readies = readies;
    }

    @Override
    public CompletionStage<Rating> rate(Attempt attempt) {
      return from(0, attempt);
    }

    private CompletionStage<Rating> from(int index, Attempt attempt) {
      ChainReader.Stage stage = stages.get(index);
      CompletableFuture<Rating> answer = new CompletableFuture<>();
      var _ =
          limited(stage, started(index, stage, attempt))
              .whenComplete(
                  (rating, failure) -> {
                    try {
                      var _ =
                          after(index, rating, failure, attempt)
                              .whenComplete((r, f) -> settle(answer, r, f));
                    } catch (RuntimeException e) {
                      answer.completeExceptionally(e);
                    }
                  });
      return answer;
    }

    private CompletionStage<Rating> started(int index, ChainReader.Stage stage, Attempt attempt) {
      try {
        Checked.Ready ready = readies.get(index);
        if (ready != null) {
          return ready.rate(attempt);
        }
        return switch (stage.model().check(new Json.Obj(new LinkedHashMap<>(members)))) {
          case Checked.Ready checked -> checked.rate(attempt);
          case Checked.Invalid(List<Violation> found) ->
              CompletableFuture.failedFuture(
                  new ModelTrapException(
                      "stage "
                          + stage.name()
                          + " does not take what it was passed at "
                          + found.getFirst().pointer()));
        };
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    /** The stage's end, or that its time is over, whichever comes first. */
    private CompletableFuture<Rating> limited(
        ChainReader.Stage stage, CompletionStage<Rating> rating) {
      CompletableFuture<Rating> running = rating.toCompletableFuture();
      if (stage.deadlineMillis() == 0 || running.isDone()) {
        return running;
      }
      CompletableFuture<Rating> first = new CompletableFuture<>();
      Runnable cancel =
          deadlines.after(
              stage.deadlineMillis(),
              () ->
                  first.completeExceptionally(
                      new ModelDeadlineException(
                          "stage "
                              + stage.name()
                              + " was not done in "
                              + stage.deadlineMillis()
                              + " ms")));
      var _ =
          running.whenComplete(
              (r, f) -> {
                cancel.run();
                settle(first, r, f);
              });
      return first;
    }

    private CompletionStage<Rating> after(
        int index, @Nullable Rating rating, @Nullable Throwable failure, Attempt attempt) {
      ChainReader.Stage stage = stages.get(index);
      boolean last = index == stages.size() - 1;
      if (rating == null) {
        Throwable cause = cause(failure);
        provisional = true;
        return !stage.failureIsNext()
            ? CompletableFuture.failedFuture(cause)
            : last ? fallen(cause) : from(index + 1, attempt);
      }
      provisional |= rating.provisional();
      if (stage.hasRange() ? stage.answers(rating.value()) : last) {
        return answer(named(rating, stage.name()));
      }
      if (last) {
        return fallen(new ModelTrapException("no stage of the chain answered"));
      }
      if (!stage.passes().isEmpty()) {
        members.put(stage.passes(), new Json.Num(Double.parseDouble(rating.value().toString())));
      }
      return from(index + 1, attempt);
    }

    private CompletionStage<Rating> fallen(Throwable otherwise) {
      return fallback == null ? CompletableFuture.failedFuture(otherwise) : answer(fallback);
    }

    private CompletionStage<Rating> answer(Rating rating) {
      return CompletableFuture.completedFuture(provisional ? rating.asProvisional() : rating);
    }
  }

  private static Throwable cause(@Nullable Throwable failure) {
    Throwable found =
        failure == null ? new IllegalStateException("a stage ended without a rating") : failure;
    while (found instanceof CompletionException && found.getCause() != null) {
      found = found.getCause();
    }
    return found;
  }

  private static void settle(
      CompletableFuture<Rating> future, @Nullable Rating rating, @Nullable Throwable failure) {
    if (rating != null) {
      future.complete(rating);
    } else {
      future.completeExceptionally(cause(failure));
    }
  }
}
