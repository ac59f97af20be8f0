/** Scenario files: the YAML of {@code docs/simulation-scenarios.md}, read and written, with errors that name the line. */
@NullMarked
package dev.tether.examples.simulate.scenario;

import org.jspecify.annotations.NullMarked;
