package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Changes one value of a JSON document, so that it stays JSON; one use. */
final class JsonMutation {
  private static final double[] NUMBERS = {
    0, -0.0, 1, -1, 2, 0.5, 7.25, 1e12, 1e13, -1e12, 1e308, 1e-308, 4e9, 1e6, 255, 1 << 20
  };

  private final Random random;
  private final List<Json> all = new ArrayList<>();
  private int left;

  private JsonMutation(Random random) {
    this.random = random;
  }

  /** The document with one value changed, replaced by another of its values, or left out. */
  static Json of(Json document, Random random) {
    JsonMutation mutation = new JsonMutation(random);
    mutation.collect(document);
    mutation.left = random.nextInt(mutation.all.size());
    Json result = mutation.rebuilt(document);
    return result == null ? document : result;
  }

  private void collect(Json value) {
    all.add(value);
    if (value instanceof Json.Obj object) {
      object.members().values().forEach(this::collect);
    } else if (value instanceof Json.Arr array) {
      array.elements().forEach(this::collect);
    }
  }

  private @Nullable Json rebuilt(Json value) {
    if (left-- == 0) {
      return changed(value);
    }
    return switch (value) {
      case Json.Obj object -> {
        Map<String, Json> members = new LinkedHashMap<>();
        object
            .members()
            .forEach(
                (name, member) -> {
                  Json now = rebuilt(member);
                  if (now != null) {
                    members.put(name, now);
                  }
                });
        yield new Json.Obj(members);
      }
      case Json.Arr array -> {
        List<Json> elements = new ArrayList<>();
        for (Json element : array.elements()) {
          Json now = rebuilt(element);
          if (now != null) {
            elements.add(now);
          }
        }
        yield new Json.Arr(elements);
      }
      case Json.Str s -> s;
      case Json.Num n -> n;
      case Json.Bool b -> b;
      case Json.Null n -> n;
    };
  }

  private @Nullable Json changed(Json value) {
    if (random.nextInt(8) == 0) {
      return null;
    }
    if (random.nextInt(6) == 0) {
      return all.get(random.nextInt(all.size()));
    }
    return switch (value) {
      case Json.Num number ->
          new Json.Num(
              switch (random.nextInt(4)) {
                case 0 -> number.value() + 1;
                case 1 -> -number.value();
                case 2 -> Math.clamp(number.value() * 1_000, -1e308, 1e308);
                default -> NUMBERS[random.nextInt(NUMBERS.length)];
              });
      case Json.Bool bool -> Json.Bool.of(bool == Json.Bool.FALSE);
      case Json.Obj object -> copied(object);
      case Json.Arr array -> {
        List<Json> elements = new ArrayList<>(array.elements());
        elements.add(all.get(random.nextInt(all.size())));
        yield new Json.Arr(elements);
      }
      case Json.Str s -> all.get(random.nextInt(all.size()));
      case Json.Null n -> new Json.Num(1);
    };
  }

  /** An object with one more member, of another's name. */
  private Json copied(Json.Obj object) {
    Map<String, Json> members = new LinkedHashMap<>(object.members());
    for (Json other : all) {
      if (other instanceof Json.Obj from && random.nextInt(3) == 0) {
        members.putAll(from.members());
        break;
      }
    }
    return new Json.Obj(members);
  }
}
