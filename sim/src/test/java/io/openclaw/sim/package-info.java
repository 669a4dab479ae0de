@NullMarked
package io.openclaw.sim;

import org.jspecify.annotations.NullMarked;
