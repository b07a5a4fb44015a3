using '../main.bicep'

// For trying things: cheap at rest, reachable, forgets after a week.
param environmentName = 'dev'
param location = 'westeurope'
param busTier = 'Standard'
param recoveryDays = 7
param maximumInstanceCount = 40
param logRetentionDays = 30
// For a trial of the whole path (job smoke of deploy.yml): one identity that plays every part, and a group with it in for the operators. Unset, nothing is granted.
var trial = readEnvironmentVariable('RELAY_TRIAL_PRINCIPAL', '')
var trialGroup = readEnvironmentVariable('RELAY_TRIAL_GROUP', '')
param delegationPrincipals = empty(trial) ? {} : {
  us: trial
  iran: trial
}
param mediatorPrincipals = empty(trial) ? {} : {
  qatar: trial
  oman: trial
  swiss: trial
}
param operatorPrincipals = empty(trialGroup) ? [] : [trialGroup]
param tags = {
  workload: 'relay'
  stage: 'dev'
}
