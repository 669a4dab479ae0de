/** What a node serves with, as a versioned whole: read, checked, compared. */
@NullMarked
package io.openclaw.release;

import org.jspecify.annotations.NullMarked;
