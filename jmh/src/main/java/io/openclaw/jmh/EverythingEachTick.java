package io.openclaw.jmh;

import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import java.util.function.Consumer;

/**
 * A planted bug: a table that hands over all it knows whenever it is asked for what changed, so
 * that sharing costs as much as there are tenants. What measures the cost must show it.
 */
final class EverythingEachTick implements FactTable {
  private final FactTable table;

  EverythingEachTick(FactTable table) {
    this.table = table;
  }

  @Override
  public String name() {
    return table.name();
  }

  @Override
  public void drainChanges(Consumer<Fact> sink) {
    table.drainChanges(changed -> {});
    table.all(sink);
  }

  @Override
  public void all(Consumer<Fact> sink) {
    table.all(sink);
  }

  @Override
  public void merge(Fact fact) {
    table.merge(fact);
  }
}
