@NullMarked
package io.openclaw.edge;

import org.jspecify.annotations.NullMarked;
