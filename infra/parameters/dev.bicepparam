using '../main.bicep'

// For trying things: cheap at rest, reachable, forgets after a week.
param environmentName = 'dev'
param location = 'westeurope'
param busTier = 'Standard'
param recoveryDays = 7
param maximumInstanceCount = 40
param logRetentionDays = 30
param tags = {
  workload: 'relay'
  stage: 'dev'
}
