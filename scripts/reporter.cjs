const { reporters } = require('mocha');

/**
 * Mocha's `spec`, then the skipped tests by name, so that none is skipped silently, and as the very last line
 * `N passed, N failed`. The exit code stays mocha's.
 */
class Reporter extends reporters.Spec {
  static description = 'spec, the skipped tests by name, and a last line that counts';

  #skipped = [];

  constructor(runner, options) {
    super(runner, options);
    runner.on('pending', (test) => this.#skipped.push(test.fullTitle()));
  }

  epilogue() {
    super.epilogue();
    if (this.#skipped.length > 0) {
      reporters.Base.consoleLog('%s', `${this.#skipped.length} skipped: ${this.#skipped.join('; ')}`);
    }
    const { passes, failures } = this.stats;
    reporters.Base.consoleLog('%s', `${passes} passed, ${failures} failed`);
  }
}

module.exports = Reporter;
