console.error('browser tests are not written yet');
process.exit(1);
