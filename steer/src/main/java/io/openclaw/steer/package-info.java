/**
 * Which regions are healthy, how far away they are, which one a request goes to, and how often it
 * may be tried again. Pure: the router and the client library feed it the same way.
 */
@NullMarked
package io.openclaw.steer;

import org.jspecify.annotations.NullMarked;
