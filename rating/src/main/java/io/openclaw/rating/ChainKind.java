package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The kind {@code chain}, whose documents hold models of other kinds. Thread-safe. */
public final class ChainKind implements ModelKind {
  /** Chains inside one another, the outermost included. */
  public static final int DEPTH_MAX = 3;

  private final Function<String, @Nullable ModelKind> kinds;
  private final Deadlines deadlines;

  /**
   * The kind.
   *
   * @param kinds every other kind that a stage can be of, by name; null where there is none
   * @param deadlines what limits the time of stages
   */
  public ChainKind(Function<String, @Nullable ModelKind> kinds, Deadlines deadlines) {
    this.kinds = kinds;
    this.deadlines = deadlines;
  }

  @Override
  public String name() {
    return "chain";
  }

  @Override
  public RatingModel load(ModelSource source) throws ModelException {
    return load(source, DEPTH_MAX);
  }

  private RatingModel load(ModelSource source, int depth) throws ModelException {
    return new ChainModel(
        source,
        new ChainReader(source, kind -> kind.equals(name()) ? inner(depth) : kinds.apply(kind))
            .read(),
        deadlines);
  }

  /** This kind one level further in; null below the last. */
  private @Nullable ModelKind inner(int depth) {
    return depth == 1
        ? null
        : new ModelKind() {
          @Override
          public String name() {
            return ChainKind.this.name();
          }

          @Override
          public RatingModel load(ModelSource source) throws ModelException {
            return ChainKind.this.load(source, depth - 1);
          }

          @Override
          public List<Json.Obj> samples(byte[] bytes) throws ModelException {
            return ChainKind.this.samples(bytes);
          }
        };
  }

  @Override
  public List<Json.Obj> samples(byte[] bytes) throws ModelException {
    return Samples.of(bytes, name());
  }
}
