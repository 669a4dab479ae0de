package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import org.jspecify.annotations.Nullable;

/**
 * Which number of a frame is the rating.
 *
 * @param slot of a number; the winning probability where {@code winning}
 * @param producer who can tell contributions to it; null for nobody
 */
record RatedValue(int slot, boolean winning, @Nullable Producer producer) {
  /**
   * The output that the settings name. Without: a number predicted; of two categories the
   * probability of the last; of more the probability of the one predicted.
   */
  static RatedValue of(PmmlDocument document, Settings settings) throws ModelException {
    Compiled model = document.model();
    Outcome outcome = model.outcome();
    String wanted = settings.output();
    if (wanted == null) {
      return byDefault(document);
    }
    for (Compiled.Answer each : model.outputs()) {
      if (each.name().equals(wanted)) {
        if (each.type() == DataType.STRING) {
          throw wrong(wanted, "an output that is a number");
        }
        return new RatedValue(each.slot(), false, document.build().producers.get(each.slot()));
      }
    }
    if (wanted.equals(ModelCompiler.targetName(model.target()))) {
      if (outcome.isCategory() || outcome.type() == DataType.STRING) {
        throw wrong(wanted, "probability(<category>), since the target is a category");
      }
      return new RatedValue(outcome.value(), false, model.producer());
    }
    if (wanted.startsWith("probability(") && wanted.endsWith(")") && outcome.isCategory()) {
      String category = wanted.substring("probability(".length(), wanted.length() - 1);
      for (int i = 0; i < outcome.classes().length; i++) {
        if (document.build().text(outcome.classes()[i], outcome.type()).equals(category)) {
          return new RatedValue(outcome.first() + i, false, new Producer(model.body(), i, 1));
        }
      }
    }
    throw wrong(wanted, "an output of the model, its target, or probability(<category>)");
  }

  private static RatedValue byDefault(PmmlDocument document) throws ModelException {
    Compiled model = document.model();
    Outcome outcome = model.outcome();
    if (outcome.isCategory()) {
      int last = last(model);
      return outcome.classes().length == 2
          ? new RatedValue(outcome.first() + last, false, new Producer(model.body(), last, 1))
          : new RatedValue(outcome.value(), true, null);
    }
    if (outcome.type() == DataType.STRING) {
      if (outcome.affinity() < 0) {
        throw wrong("absent", "an output that is a number");
      }
      return new RatedValue(outcome.affinity(), false, null);
    }
    return new RatedValue(outcome.value(), false, model.producer());
  }

  /** The last of two categories: in the order of the dictionary, where it has one. */
  private static int last(Compiled model) {
    Outcome outcome = model.outcome();
    for (int i = model.target().values().size() - 1; i >= 0; i--) {
      int at = outcome.indexOf(model.target().values().get(i));
      if (at >= 0) {
        return at;
      }
    }
    return outcome.classes().length - 1;
  }

  private static ModelException wrong(String found, String expected) {
    return new ModelException("/rating/output", found, expected);
  }

  double of(Frame f, Outcome outcome) {
    if (!winning) {
      return f.x[slot];
    }
    int at = outcome.indexOf(f.x[slot]);
    return at < 0 ? Double.NaN : f.x[outcome.first() + at];
  }
}
