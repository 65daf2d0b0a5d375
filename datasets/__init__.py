"""Administration of cases, distillation runs, dataset versions, model releases and benchmark runs. Top of the apps."""
