package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.rating.RatingModel;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a loaded model keeps: nothing of the document, and nothing per tree but flat arrays. */
class MemoryTest {
  /** Every object of this package that can be reached from one. */
  private static Set<Object> reachable(Object root) throws IllegalAccessException {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Object> open = new ArrayDeque<>();
    open.add(root);
    while (!open.isEmpty()) {
      Object next = open.poll();
      if (!seen.add(next)) {
        continue;
      }
      if (next instanceof Map<?, ?> map) {
        map.forEach(
            (key, value) -> {
              open.add(key);
              open.add(value);
            });
      } else if (next instanceof Iterable<?> all) {
        all.forEach(open::add);
      } else if (next instanceof Object[] array) {
        for (int i = 0; i < Array.getLength(array); i++) {
          if (array[i] != null) {
            open.add(array[i]);
          }
        }
      } else if (next.getClass().getName().startsWith("io.openclaw")) {
        fields(next, open);
      }
    }
    return seen;
  }

  private static void fields(Object owner, Deque<Object> open) throws IllegalAccessException {
    Class<?> type = owner.getClass();
    if (type.isHidden()) {
      return; // a lambda; what it may capture are numbers, fields and other expressions
    }
    while (type != null && type.getName().startsWith("io.openclaw")) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())
            && !field.getType().isPrimitive()
            && field.getDeclaringClass().getPackageName().equals("io.openclaw.pmml")) {
          field.setAccessible(true);
          Object value = field.get(owner);
          if (value != null) {
            open.add(value);
          }
        }
      }
      type = type.getSuperclass();
    }
  }

  @Test
  void a_model_keeps_nothing_of_the_document() throws Exception {
    RatingModel model = Pmml.load(MiningTest.boosted("", ""));
    Set<Object> kept = reachable(model);
    assertThat(kept).anyMatch(each -> each instanceof ForestBody);
    assertThat(kept).noneMatch(each -> each instanceof XmlNode);
    assertThat(kept).noneMatch(each -> each instanceof Scope);
    assertThat(kept).noneMatch(each -> each instanceof Build);
  }

  @Test
  void the_search_finds_a_planted_element() throws Exception {
    XmlNode planted = XmlReader.read(Pmml.bytes("<PMML/>"));
    assertThat(reachable(Map.of("a", new Object[] {planted}))).contains(planted);
  }
}
