package io.openclaw.client;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object read member by member, where a missing or wrong member is a {@link Malformed}.
 * Members become plain Java values: null, String, Boolean, {@link BigDecimal}, unmodifiable lists
 * and maps.
 */
final class PlainJson {
  /** What an answer is not. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String message) {
      super(message);
    }
  }

  private final String place;
  private final Json.Obj object;

  private PlainJson(String place, Json.Obj object) {
    this.place = place;
    this.object = object;
  }

  static PlainJson read(byte[] bytes) throws Malformed {
    try {
      return at("", JsonReader.read(bytes));
    } catch (JsonSyntaxException e) {
      throw new Malformed("no JSON: " + e.getMessage());
    }
  }

  static PlainJson at(String place, Json value) throws Malformed {
    if (value instanceof Json.Obj object) {
      return new PlainJson(place, object);
    }
    throw new Malformed(
        (place.isEmpty() ? "the answer" : place)
            + ": "
            + value.typeName()
            + " (expected: an object)");
  }

  boolean has(String name) {
    return object.get(name) != null;
  }

  String text(String name) throws Malformed {
    if (needed(name) instanceof Json.Str string) {
      return string.value();
    }
    throw wrong(name, "a string");
  }

  @Nullable String textOrNull(String name) throws Malformed {
    return has(name) ? text(name) : null;
  }

  BigDecimal number(String name) throws Malformed {
    if (needed(name) instanceof Json.Num number) {
      return new BigDecimal(number.text());
    }
    throw wrong(name, "a number");
  }

  @Nullable BigDecimal numberOrNull(String name) throws Malformed {
    return has(name) ? number(name) : null;
  }

  long whole(String name) throws Malformed {
    try {
      return number(name).longValueExact();
    } catch (ArithmeticException e) {
      throw wrong(name, "a whole number");
    }
  }

  boolean truth(String name) throws Malformed {
    if (needed(name) instanceof Json.Bool bool) {
      return bool == Json.Bool.TRUE;
    }
    throw wrong(name, "true or false");
  }

  PlainJson object(String name) throws Malformed {
    return at(place + "/" + name, needed(name));
  }

  List<PlainJson> objects(String name) throws Malformed {
    if (!(needed(name) instanceof Json.Arr array)) {
      throw wrong(name, "an array");
    }
    List<PlainJson> objects = new ArrayList<>(array.elements().size());
    for (Json element : array.elements()) {
      objects.add(at(place + "/" + name + "/" + objects.size(), element));
    }
    return objects;
  }

  /** The members of an object, empty where there is none of this name. */
  Map<String, @Nullable Object> mapOrEmpty(String name) throws Malformed {
    return has(name) ? object(name).map() : Map.of();
  }

  /** All members. */
  Map<String, @Nullable Object> map() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    object.members().forEach((name, value) -> map.put(name, plain(value)));
    return Collections.unmodifiableMap(map);
  }

  private static @Nullable Object plain(Json value) {
    return switch (value) {
      case Json.Obj object -> new PlainJson("", object).map();
      case Json.Arr array -> {
        List<@Nullable Object> list = new ArrayList<>(array.elements().size());
        array.elements().forEach(element -> list.add(plain(element)));
        yield Collections.unmodifiableList(list);
      }
      case Json.Str string -> string.value();
      case Json.Num number -> new BigDecimal(number.text());
      case Json.Bool bool -> bool == Json.Bool.TRUE;
      case Json.Null none -> null;
    };
  }

  private Json needed(String name) throws Malformed {
    Json value = object.get(name);
    if (value == null) {
      throw new Malformed(place + "/" + name + ": missing");
    }
    return value;
  }

  private Malformed wrong(String name, String expected) throws Malformed {
    String found = needed(name).typeName();
    return new Malformed(place + "/" + name + ": " + found + " (expected: " + expected + ")");
  }
}
