using '../main.bicep'

param environmentName = 'prod'
param location = 'westeurope'
param secondLocation = 'northeurope'
param busTier = 'Premium'
param messagingUnits = 1
param hsmKeys = true
param privateNetwork = true
param ledgerImmutabilityDays = 365
param recoveryDays = 90
param alwaysReady = [
  {
    name: 'http'
    instanceCount: 2
  }
  {
    name: 'function:RelayUrgentEnvelope'
    instanceCount: 2
  }
]
param maximumInstanceCount = 200
param logRetentionDays = 365

// Object ids of your own tenant. They are not secrets, but they are not ours to know: set them, or leave a name out and nothing is granted.
param delegationPrincipals = {
  us: readEnvironmentVariable('RELAY_PRINCIPAL_US')
  iran: readEnvironmentVariable('RELAY_PRINCIPAL_IRAN')
}
param mediatorPrincipals = {
  qatar: readEnvironmentVariable('RELAY_PRINCIPAL_QATAR')
  oman: readEnvironmentVariable('RELAY_PRINCIPAL_OMAN')
  swiss: readEnvironmentVariable('RELAY_PRINCIPAL_SWISS')
}
var operators = readEnvironmentVariable('RELAY_PRINCIPAL_OPERATORS')
param operatorPrincipals = [operators]
var mail = readEnvironmentVariable('RELAY_ALERT_EMAIL')
param alertEmails = [mail]
param tags = {
  workload: 'relay'
  stage: 'prod'
}
