package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Violation;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.RatingModel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Short ways to say what a test does with a PMML document, written with single quotes. */
final class Pmml {
  private Pmml() {}

  /** A whole document of a dictionary and a model. */
  static String document(String dictionary, String model) {
    return ("<?xml version='1.0'?>\n<PMML version='4.4' xmlns='http://www.dmg.org/PMML-4_4'>\n"
            + "<Header><Application name='pmml'/></Header>\n<DataDictionary>"
            + dictionary
            + "</DataDictionary>\n"
            + model
            + "\n</PMML>\n")
        .replace('\'', '"');
  }

  /** A continuous field of the dictionary for each name. */
  static String numbers(String... names) {
    StringBuilder fields = new StringBuilder();
    for (String name : names) {
      fields.append("<DataField name='" + name + "' optype='continuous' dataType='double'/>");
    }
    return fields.toString();
  }

  /** A categorical field of the dictionary. */
  static String strings(String name, String... values) {
    StringBuilder field = new StringBuilder();
    field.append("<DataField name='" + name + "' optype='categorical' dataType='string'>");
    for (String value : values) {
      field.append("<Value value='" + value + "'/>");
    }
    return field.append("</DataField>").toString();
  }

  /** A mining schema of active fields and a target. */
  static String schema(String target, String... active) {
    StringBuilder schema = new StringBuilder("<MiningSchema>");
    schema.append("<MiningField name='" + target + "' usageType='target'/>");
    for (String name : active) {
      schema.append("<MiningField name='" + name + "'/>");
    }
    return schema.append("</MiningSchema>").toString();
  }

  static byte[] bytes(String document) {
    return document.getBytes(StandardCharsets.UTF_8);
  }

  static RatingModel load(String document) {
    try {
      return new PmmlKind().load(new ModelSource("m", "v7", bytes(document)));
    } catch (ModelException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /** The refusal of a document, which names all of these. */
  static void refuses(String document, String... named) {
    assertThatThrownBy(() -> new PmmlKind().load(new ModelSource("m", "v7", bytes(document))))
        .isInstanceOf(ModelException.class)
        .message()
        .contains(named);
  }

  /** JSON with single quotes as an object. */
  static Json.Obj input(String json) {
    try {
      return (Json.Obj) JsonReader.read(bytes(json.replace('\'', '"')));
    } catch (JsonSyntaxException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  static Rating rate(RatingModel model, String json) {
    return rate(model, input(json));
  }

  static Rating rate(RatingModel model, Json.Obj input) {
    return switch (model.check(input)) {
      case Checked.Ready ready -> ready.rate(Attempt.ONCE).toCompletableFuture().join();
      case Checked.Invalid invalid -> throw new AssertionError(invalid.violations().toString());
    };
  }

  static List<Violation> violations(RatingModel model, String json) {
    return switch (model.check(input(json))) {
      case Checked.Ready ready -> List.of();
      case Checked.Invalid invalid -> invalid.violations();
    };
  }

  /** One output of a rating; null JSON where the model has none of it. */
  static Json output(RatingModel model, String json, String name) {
    Json.Obj outputs = Objects.requireNonNull(rate(model, json).outputs());
    return Objects.requireNonNull(outputs.get(name), () -> name + " in " + outputs);
  }

  /** One output that is a number. */
  static double number(RatingModel model, String json, String name) {
    return ((Json.Num) output(model, json, name)).value();
  }

  static String text(RatingModel model, String json, String name) {
    return ((Json.Str) output(model, json, name)).value();
  }
}
